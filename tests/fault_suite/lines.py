"""The shape "many" with a fault proxy on every line between its parts.

Each process of the site has lines of its own to Redis and to PostgreSQL, and one more goes
from clients to the site. What the test itself asks of the store goes past them.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from deploy.scale.cluster import Cluster
from tests.fault_suite.line import Weather
from tests.fault_suite.proxy import FaultProxy
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World
from tests.fault_suite.worlds import UNHURRIED, cluster_world

POSTS_PER_S = 20.0
"""What two cores still do with ease beside everything else that these faults run."""


class Lines:
    """Several proxies that have the same weather, or one of them alone."""

    def __init__(self, proxies: list[FaultProxy]) -> None:
        self.each = proxies

    def blow(
        self,
        both: Weather | None = None,
        *,
        up: Weather | None = None,
        down: Weather | None = None,
        existing: bool = True,
        new: bool = True,
    ) -> None:
        """As ``FaultProxy.blow``, on each."""
        for proxy in self.each:
            proxy.blow(both, up=up, down=down, existing=existing, new=new)

    def calm(self) -> None:
        """As ``FaultProxy.calm``, on each."""
        for proxy in self.each:
            proxy.calm()

    def reset(self) -> None:
        """As ``FaultProxy.reset``, on each."""
        for proxy in self.each:
            proxy.reset()

    def refuse(self) -> None:
        """As ``FaultProxy.refuse``, on each."""
        for proxy in self.each:
            proxy.refuse()

    @property
    def cut(self) -> int:
        """How many connections were cut."""
        return sum(proxy.counters.cut for proxy in self.each)


class LinedCluster(Cluster):
    """A cluster whose processes reach their database and their Redis through proxies."""

    def __init__(self, *, folder: Path, seed: int = 0, **variables: str) -> None:
        super().__init__(folder=folder, settings={**UNHURRIED, **variables})
        targets = {
            "DATABASE_URL": ("127.0.0.1", self.postgres.port),
            "REDIS_URL": ("127.0.0.1", self.redis.port),
        }
        made = {
            name: Lines([FaultProxy(target, seed=seed + index) for index in range(len(self.apps))])
            for name, target in targets.items()
        }
        self.postgres_lines, self.redis_lines = made["DATABASE_URL"], made["REDIS_URL"]
        for index, app in enumerate(self.apps):
            app.environment = {**app.environment}
            for name, (_, port) in targets.items():
                proxy = made[name].each[index]
                app.environment[name] = app.environment[name].replace(
                    f":{port}/", f":{proxy.port}/"
                )
        assert self.nginx is not None
        self.client_line = FaultProxy(("127.0.0.1", self.nginx.port), seed=seed, buffer=32 * 1024)
        self._open = ExitStack()

    @property
    def client_address(self) -> str:
        """Where clients reach the site through their line."""
        return f"http://127.0.0.1:{self.client_line.port}"

    def start(self) -> None:
        for proxy in self._proxies:
            self._open.enter_context(proxy)
        super().start()

    def stop(self) -> None:
        super().stop()
        self._open.close()

    def calm(self) -> None:
        """Good weather on every line."""
        for proxy in self._proxies:
            proxy.calm()

    @property
    def _proxies(self) -> list[FaultProxy]:
        return [self.client_line, *self.postgres_lines.each, *self.redis_lines.each]


def people_on_each(world: World, seed: int, **changes: Any) -> Workload:
    """People who talk on each server of a cluster, past nginx; ``changes`` as ``Workload`` has."""
    addresses = [app.address for app in world.apps]
    return Workload(world, seed, **{"at": addresses, "posts_per_s": POSTS_PER_S, **changes})


def on_lines(folder: Path) -> World:
    """Start a lined cluster; its world has it as ``parts``."""
    return cluster_world(LinedCluster(folder=folder))
