"""The project, as ``make run`` starts it, with its throttles opened for a load."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from benchmarks.client import RefusedError, Socket, connect
from benchmarks.ledger import Ledger, stamp_of
from benchmarks.server import PROJECT, Server, Watch, running

_OPEN = "1000000"
UNHURRIED = {
    "LOG_LEVEL": "WARNING",
    "POSTS_PER_MINUTE": _OPEN,
    "POSTS_BURST": _OPEN,
    "COMMANDS_PER_MINUTE": _OPEN,
    "CONNECTIONS_PER_PERSON": _OPEN,
    "CONNECTIONS_PER_ADDRESS": _OPEN,
}
_ENVIRONMENT = {
    "HOST": "127.0.0.1",
    "PORT": "{port}",
    **UNHURRIED,
    # Empty is "not given": what a developer's .env says must not change a figure.
    **dict.fromkeys(
        ("DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "ORIGINS", "BEHIND_TLS", "DEBUG"), ""
    ),
}


@dataclass(frozen=True)
class World:
    """A data folder with one room that many people are members of, and their sessions."""

    folder: Path
    room: int
    epoch: str
    people: list[dict[str, str]]
    """``name`` and ``session`` (the cookie) of each."""


def make_world(folder: Path, people: int) -> World:
    """Prepare a data folder by the project's own commands and actions."""
    environment = {**_ENVIRONMENT, "PORT": "8000", "DATA_DIR": str(folder)}
    prepare = [sys.executable, "manage.py", "serve", "--prepare-only"]
    subprocess.run(prepare, cwd=PROJECT, env=environment, check=True, stdout=subprocess.DEVNULL)
    populate = [sys.executable, "-m", "benchmarks.populate", str(people)]
    made = subprocess.run(
        populate, cwd=PROJECT, env=environment, check=True, stdout=subprocess.PIPE
    )
    return World(folder=folder, **json.loads(made.stdout))


@dataclass
class Project:
    """A running project and the world it serves."""

    server: Server
    world: World
    origin: str
    name: str = "the project"

    def person(self, number: int) -> dict[str, str]:
        """Return the person of that number; past the last one, a second tab of the first."""
        return self.world.people[number % len(self.world.people)]

    async def open(self, ledger: Ledger, number: int, **how: Any) -> Socket:
        """Open a socket that follows nothing yet, and hear its welcome."""
        headers = {
            "Origin": self.origin,
            "Cookie": f"sessionid={self.person(number)['session']}",
            "Sec-WebSocket-Protocol": "chat.v1",
        }
        socket = await connect(ledger, self.server.port, "/socket/", headers, **how)
        await socket.frame_of("welcome")
        return socket

    async def connect(self, ledger: Ledger, number: int, **how: Any) -> Socket:
        socket = await self.open(ledger, number, **how)
        socket.send({"type": "subscribe", "id": socket.next_number(), "room": self.world.room})
        await socket.frame_of("subscribed")
        return socket

    def post(self, socket: Socket, body: str) -> None:
        socket.send(
            {
                "type": "post",
                "id": socket.next_number(),
                "room": self.world.room,
                "nonce": token_hex(8),
                "body": body,
            }
        )

    def is_answer(self, frame: dict[str, Any]) -> bool:
        if frame["type"] == "error":
            raise RefusedError(f"a post was answered {frame}")
        return bool(frame["type"] == "ok")

    def read_stamps(self, frame: bytes) -> tuple[int, ...] | None:
        decoded = json.loads(frame)
        if decoded["type"] != "changes":
            return None
        return tuple(stamp_of(message["body"]) for message in decoded["messages"])


@asynccontextmanager
async def running_project(world: World, folder: Path, watch: Watch) -> AsyncIterator[Project]:
    """Serve a copy of ``world`` in ``folder`` until the block ends."""
    shutil.copytree(world.folder, folder)
    command = [sys.executable, "manage.py", "serve"]
    environment = {**_ENVIRONMENT, "DATA_DIR": str(folder)}
    async with running(command, environment, folder, watch) as server:
        yield Project(server, world, f"http://127.0.0.1:{server.port}")
