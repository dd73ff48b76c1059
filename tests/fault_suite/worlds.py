"""Makes worlds in the shapes that there are, keeps them for the next seed, and ends them.

``one`` is one process with SQLite and the channel layer within it; ``many`` is the ``Cluster``
of ``deploy/scale``: two processes, PostgreSQL, Redis, nginx.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deploy.scale.cluster import Cluster
from deploy.scale.program import ScaleError
from tests.fault_suite.world import World
from tests.live.stage import Stage

UNHURRIED = {
    "POSTS_PER_MINUTE": "1000000",
    "POSTS_BURST": "1000000",
    "COMMANDS_PER_MINUTE": "1000000",
    "CONNECTIONS_PER_PERSON": "10000",
    "CONNECTIONS_PER_ADDRESS": "10000",
}


Make = Callable[..., World]
"""Builds a world in the folder given, with the variables given."""


class MissingPartError(Exception):
    """The machine lacks a server that the shape needs; the message says what to install."""


class Worlds:
    """All the worlds of one run of the suite."""

    def __init__(self, *, is_short: bool = False) -> None:
        """``is_short``: faults should take few seconds, and be as hard as that allows."""
        self.is_short = is_short
        self._folder = tempfile.TemporaryDirectory(prefix="fault-suite-")
        # PostgreSQL and nginx run as users of their own, and have to get in.
        Path(self._folder.name).chmod(0o755)
        self._kept: dict[str, World] = {}
        self._all: list[World] = []
        self._count = 0

    @property
    def folder(self) -> Path:
        """For files of the faults; removed at the end."""
        return Path(self._folder.name)

    async def shared(self, shape: str, make: Make | None = None, **variables: str) -> World:
        """A running world that other faults and seeds use too: leave it as it was found.

        ``make`` builds one that needs more than variables.
        """
        if self.is_short and shape == "many" and make is None and not variables:
            # With proxies on its lines it serves as well, and a second one would take seconds.
            from tests.fault_suite.lines import on_lines as make
        name = make.__name__ if make else ""
        key = f"{shape} {name} {sorted(variables.items())}"
        if key not in self._kept:
            self._kept[key] = await self._make(shape, make, variables)
        return self._kept[key]

    async def fresh(self, shape: str, make: Make | None = None, **variables: str) -> World:
        """A running world of one's own, which may be spoiled; ``discard`` it when done."""
        return await self._make(shape, make, variables)

    async def _make(self, shape: str, make: Make | None, variables: dict[str, str]) -> World:
        self._count += 1
        folder = Path(self._folder.name) / f"{self._count}-{shape}"
        folder.mkdir()
        builder = make or {"one": one_process, "many": many_processes}[shape]

        def build() -> World:
            world = builder(folder, **variables)
            # Here and not outside, so that one whose fault was given up meanwhile is ended too.
            self._all.append(world)
            return world

        try:
            return await asyncio.to_thread(build)
        except ScaleError as error:
            if "is missing" in str(error):
                raise MissingPartError(str(error)) from error
            raise

    async def discard(self, world: World) -> None:
        """End a world that was spoiled, shared or not."""
        self._kept = {key: kept for key, kept in self._kept.items() if kept is not world}
        self._all.remove(world)
        await asyncio.to_thread(world.end)

    def end_all(self) -> None:
        """End every world; the next one that is wanted is a new one."""
        self._kept = {}
        while self._all:
            self._all.pop().end()

    def end(self) -> None:
        """End everything, and remove its files."""
        self.end_all()
        self._folder.cleanup()


class StageServer:
    """The one process of a ``Stage``, as a ``Server``."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def address(self) -> str:
        return self._stage.address

    @property
    def pid(self) -> int:
        return self._stage.pid

    @property
    def said(self) -> str:
        return self._stage.said

    def kill(self) -> None:
        self._stage.kill()

    def stop(self) -> None:
        self._stage.signal(signal.SIGTERM)
        code = self._stage.wait()
        assert code == 0, f"asked to stop, it ended with {code}"

    def start(self) -> None:
        self._stage.start()


def one_process(folder: Path, program: Sequence[str] = (), **variables: str) -> World:
    """Start a site of one process; ``program`` is run by Python in place of ``manage.py serve``."""
    _as_prepared(folder / "data")
    stage = Stage(folder, program=program, **{**UNHURRIED, **variables})
    try:
        stage.start()
    except BaseException:
        stage.end()
        raise
    return World(
        "one", stage.address, stage.environment, [StageServer(stage)], parts=stage, ends=stage.end
    )


def _as_prepared(data: Path) -> None:
    """Begin with tables and static files that are made once for all worlds of a run."""
    if data.exists():
        # A place of its own, which whoever made it wants filled by the site itself.
        return
    prepared = data.parent.parent / "prepared"
    if not prepared.exists():
        preparing = prepared.with_name("preparing")
        Stage(data.parent, DATA_DIR=str(preparing)).prepare()
        # Only now, or one that was given up in the middle would pass for a whole one.
        preparing.rename(prepared)
    shutil.copytree(prepared, data)


class ClusterServer:
    """An ``App`` of a ``Cluster``, as a ``Server``."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.kill, self.start = app.kill, app.start

    @property
    def address(self) -> str:
        return str(self._app.address)

    @property
    def pid(self) -> int:
        return int(self._app.pid)

    def stop(self) -> None:
        code = self._app.stop()
        assert code == 0, f"asked to stop, it ended with {code}"

    @property
    def said(self) -> str:
        return Path(self._app.log_path).read_text(errors="replace")


def many_processes(folder: Path, **variables: str) -> World:
    """Start a cluster; variables named ``redis_url`` and ``database_url`` go to it as such."""
    links = {
        name: variables.pop(name) for name in ("redis_url", "database_url") if name in variables
    }
    return cluster_world(Cluster(folder=folder, settings={**UNHURRIED, **variables}, **links))


def cluster_world(cluster: Cluster) -> World:
    """Enter a cluster and make a world of it."""
    cluster.__enter__()
    return World(
        "many",
        cluster.address,
        cluster.environment,
        [ClusterServer(app) for app in cluster.apps],
        parts=cluster,
        ends=lambda: cluster.__exit__(None, None, None),
    )
