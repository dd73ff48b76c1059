"""The opponent: the consumer of the Channels tutorial, on either ASGI server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmarks.client import Socket, connect
from benchmarks.ledger import Ledger, stamp_of
from benchmarks.server import PROJECT, Server, running

AsgiServer = Literal["uvicorn", "daphne"]
_APPLICATION = "benchmarks.tutorial.asgi:application"
_COMMANDS: dict[AsgiServer, list[str]] = {
    # The same server with the same settings as the project's own.
    "uvicorn": [
        *("-m", "uvicorn", _APPLICATION, "--host", "127.0.0.1", "--port", "{port}"),
        *("--loop", "uvloop", "--ws", "websockets-sansio", "--ws-per-message-deflate", "false"),
        *("--no-access-log", "--log-level", "warning", "--lifespan", "off"),
    ],
    # What the tutorial itself runs on.
    "daphne": [
        *("-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "--verbosity", "0", _APPLICATION),
    ],
}


@dataclass
class Tutorial:
    """A running tutorial. ``stored``: with a row for each post, which it does not have itself."""

    server: Server
    name: str
    stored: bool = False
    room_each: bool = False
    """Everybody in a room of their own, so that a post is told to its author alone."""

    async def connect(self, ledger: Ledger, number: int, **how: Any) -> Socket:
        door = "stored" if self.stored else "chat"
        room = f"room{number}" if self.room_each else "lobby"
        headers = {"Origin": f"http://127.0.0.1:{self.server.port}"}
        return await connect(ledger, self.server.port, f"/ws/{door}/{room}/", headers, **how)

    def post(self, socket: Socket, body: str) -> None:
        socket.send({"message": body})

    def is_answer(self, frame: dict[str, Any]) -> bool:
        return self.room_each

    def read_stamps(self, frame: bytes) -> tuple[int, ...] | None:
        if self.room_each:
            # What only its author hears serves as the answer that the tutorial does not give.
            return None
        return (stamp_of(json.loads(frame)["message"]),)


@asynccontextmanager
async def running_tutorial(
    folder: Path, *, on: AsgiServer = "uvicorn", stored: bool = False, room_each: bool = False
) -> AsyncIterator[Tutorial]:
    """Serve the tutorial from ``folder`` until the block ends."""
    environment = _make_tables(folder)
    async with running([sys.executable, *_COMMANDS[on]], environment, folder) as server:
        yield Tutorial(server, f"the tutorial on {on}", stored, room_each)


def _make_tables(folder: Path) -> dict[str, str]:
    """Make the folder and the tutorial's database in it; return the server's environment."""
    folder.mkdir()
    environment = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.tutorial.settings",
        "TUTORIAL_DATABASE": str(folder / "tutorial.sqlite3"),
    }
    command = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True)
    return environment
