"""A site under test: its servers, which can be killed, and its people and rooms."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from tests.faults.reference_client import ReferenceClient
from tests.live.house import BASE_DIR, House, Someone
from tests.live.stage import memory_mib


class Server(Protocol):
    """One process of the site."""

    @property
    def address(self) -> str:
        """Its own address, past any proxy."""

    @property
    def pid(self) -> int:
        """The process that serves."""

    @property
    def said(self) -> str:
        """What it has written, over all its starts."""

    def kill(self) -> None:
        """Kill -9, and wait for the end."""

    def stop(self) -> None:
        """Ask it to stop, and wait for the end."""

    def start(self) -> None:
        """Start it, and return once it serves."""


class World(House):
    """One site in one of the shapes, with everything that a fault may want of it."""

    def __init__(
        self,
        shape: str,
        address: str,
        environment: Mapping[str, str],
        apps: Sequence[Server],
        *,
        parts: Any = None,
        trust: ssl.SSLContext | None = None,
        ends: Callable[[], None],
    ) -> None:
        """``parts`` is what the site is made of: a ``Stage``, or a ``Cluster``."""
        super().__init__(environment)
        self.shape = shape
        self.address = address
        self.apps = apps
        self.parts = parts
        self.trust = trust
        self._ends = ends
        self._heard: dict[str, int] = {}
        """How much of what each server said was looked at already, by its address."""
        self._afterwards: list[Callable[[], None]] = []

    def client(self, person: Someone, room: int, at: str | None = None) -> ReferenceClient:
        """A client of ``room``, not started; ``at`` an address other than the site's own."""
        address = at or self.address
        url = f"{address.replace('http', 'ws', 1)}/socket/"
        trust = self.trust if url.startswith("wss") else None
        return ReferenceClient(url, self.address, person.session, room, person.name, trust)

    def stored(self, room: int) -> list[dict[str, Any]]:
        """The messages of a room as the database has them."""
        rows: list[dict[str, Any]] = self.backstage("stored", room=room)
        return rows

    def head(self, room: int) -> int:
        """The room's revision in the database."""
        revision: int = self.backstage("stored_revision", room=room)
        return revision

    def damage(self) -> list[str]:
        """What ``manage.py verify_rooms`` would say of the store."""
        sentences: list[str] = self.backstage("damage")
        return sentences

    def manage(self, *words: str) -> str:
        """Run a command of ``manage.py`` against the same store; return what it said."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"manage.py {' '.join(words)} failed:\n{done.stdout}"
        return done.stdout

    @property
    def memory_mib(self) -> float:
        """What the processes of the site hold together now."""
        return sum(memory_mib(app.pid) for app in self.apps)

    def tracebacks(self) -> list[str]:
        """Servers that wrote a traceback since last asked: no fault of the world is one of ours."""
        found = []
        for app in self.apps:
            said = app.said
            news = said[self._heard.get(app.address, 0) :]
            self._heard[app.address] = len(said)
            if "Traceback" in news:
                found.append(f"{app.address} wrote a traceback: {_traceback(news)}")
        return found

    def after_the_end(self, work: Callable[[], None]) -> None:
        """Do ``work`` too, once everything has ended."""
        self._afterwards.append(work)

    def end(self) -> None:
        """End everything that was started."""
        self.close_backstage()
        self._ends()
        for work in self._afterwards:
            work()


def _traceback(said: str) -> str:
    """The first of them: where it was, and what; without the lines of source."""
    lines = said[said.index("Traceback") :][:20_000].splitlines()
    return "\n".join([line for line in lines if not line.startswith("    ")][:60])


def has_died(app: Server) -> bool:
    """Whether its process has ended by itself, and only waits to be noticed."""
    try:
        status = Path(f"/proc/{app.pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


async def kill(app: Server) -> None:
    """Kill -9, without holding up the clients in this process."""
    await asyncio.to_thread(app.kill)


async def stop(app: Server) -> None:
    """Ask to stop, and wait for the end, without holding up the clients."""
    await asyncio.to_thread(app.stop)


async def start(app: Server) -> None:
    """Start, without holding up the clients in this process."""
    await asyncio.to_thread(app.start)
