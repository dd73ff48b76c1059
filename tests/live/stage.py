"""A real site in a process of its own, with its cast and their windows."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from chat.protocol import SUBPROTOCOL
from tests.live.window import Window

BASE_DIR = Path(__file__).resolve().parent.parent.parent
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20
COMMANDS = {
    "uvicorn": ("serve",),
    "daphne": ("runserver", "--noreload", "{port}"),
}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Someone:
    """One of the cast, signed in."""

    id: int
    name: str
    session: str


class Stage:
    """A server that can be stopped, killed and started again on the same port and data."""

    def __init__(self, folder: Path, server: str = "uvicorn", **variables: str) -> None:
        self.server = server
        self.folder = folder
        self.port = free_port()
        self._environment = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
            # A developer's .env must not reach these sites: an empty value wins over it.
            **dict.fromkeys(("HOST", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "ORIGINS"), ""),
            **dict.fromkeys(("ALLOWED_HOSTS", "REGISTRATION", "BEHIND_TLS", "DEBUG"), ""),
            **variables,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._backstage: subprocess.Popen[str] | None = None

    # --- The server -----------------------------------------------------------------

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return (self.folder / "output").read_text(errors="replace")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def memory_mib(self) -> float:
        """What the server's process holds now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        return int(line.split()[1]) / 1024

    def start(self) -> None:
        """Start, and return once it answers."""
        if self.server != "uvicorn":
            self._manage("serve", "--prepare-only").wait(START_TIMEOUT_S)
        command = [part.format(port=self.port) for part in COMMANDS[self.server]]
        self._process = self._manage(*command)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            assert self._process.poll() is None, f"It stopped:\n{self.said}"
            assert time.monotonic() < deadline, f"It does not serve:\n{self.said}"
            time.sleep(0.02)

    def _manage(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("ab") as file:
            return subprocess.Popen(
                [sys.executable, "manage.py", *command],
                cwd=BASE_DIR,
                env=self._environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/healthz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def signal(self, signum: int) -> None:
        """Send a signal to the server."""
        assert self._process is not None
        self._process.send_signal(signum)

    def wait(self) -> int:
        """Wait for the server's end, and return its exit code."""
        assert self._process is not None
        return self._process.wait(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """Kill -9, and wait for the end."""
        self.signal(signal.SIGKILL)
        self.wait()

    def end(self) -> None:
        """End everything that was started."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        if self._backstage is not None:
            self._backstage.stdin.close()  # type: ignore[union-attr]
            self._backstage.wait(STOP_TIMEOUT_S)
            self._backstage.stdout.close()  # type: ignore[union-attr]

    # --- Behind it ---------------------------------------------------------------------

    def backstage(self, command: str, **arguments: Any) -> Any:
        """Call a function of ``tests/live/backstage.py`` beside the server."""
        if self._backstage is None:
            self._backstage = subprocess.Popen(
                [sys.executable, "-m", "tests.live.backstage"],
                cwd=BASE_DIR,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                bufsize=1,
            )
        assert self._backstage.stdin is not None
        assert self._backstage.stdout is not None
        self._backstage.stdin.write(json.dumps([command, arguments]) + "\n")
        self._backstage.stdin.flush()
        line = self._backstage.stdout.readline()
        assert line, f"{command} failed backstage"
        return json.loads(line)

    def person(self, name: str, **fields: Any) -> Someone:
        """Make somebody, signed in; their name gets a number, since the site is shared."""
        return Someone(**self.backstage("person", name=f"{name} {next(_numbers)}", **fields))

    def people(self, *names: str) -> list[Someone]:
        """Make several."""
        return [self.person(name) for name in names]

    def room(self, owner: Someone, *members: Someone, kind: str = "open") -> int:
        """Make a room and return its id."""
        name = f"Room {next(_numbers)}"
        ids = [member.id for member in members]
        made: int = self.backstage("room", owner=owner.id, name=name, members=ids, kind=kind)
        return made

    def posts(self, room: int, author: Someone, *bodies: str) -> list[dict[str, int]]:
        """Store messages without telling anybody."""
        prefix = f"behind-{next(_numbers)}"
        marks: list[dict[str, int]] = self.backstage(
            "posts", room=room, author=author.id, bodies=list(bodies), prefix=prefix
        )
        return marks

    # --- Windows -------------------------------------------------------------------------

    def connect(self, person: Someone | None, **changes: Any) -> connect:
        """Begin a handshake as a browser makes it, but for ``changes``."""
        headers = {"Cookie": f"sessionid={person.session}"} if person else {}
        arguments: dict[str, Any] = {
            "origin": self.address,
            "subprotocols": [SUBPROTOCOL],
            "additional_headers": headers,
            "compression": None,
            "max_size": None,
            "proxy": None,
            "open_timeout": 20,
            "ping_interval": None,
            **changes,
        }
        return connect(f"ws://127.0.0.1:{self.port}/socket/", **arguments)

    @asynccontextmanager
    async def window(self, person: Someone | None, **changes: Any) -> AsyncIterator[Window]:
        """Open a socket and read it; closed at the end."""
        connection: ClientConnection = await self.connect(person, **changes)
        window = Window(connection)
        try:
            yield window
        finally:
            await window.leave()

    @asynccontextmanager
    async def browser(self, person: Someone | None = None) -> AsyncIterator[Browser]:
        """Open the site's pages as ``person``."""
        cookies = {"sessionid": person.session} if person else {}
        async with httpx.AsyncClient(
            base_url=self.address, cookies=cookies, timeout=20, trust_env=False
        ) as client:
            yield Browser(client)


class Browser:
    """Fetches pages, and posts forms with the token that they need."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def submit(self, path: str, page: str = "/rooms/", **fields: str) -> httpx.Response:
        """Post a form that stands on ``page``."""
        await self.client.get(page, follow_redirects=True)
        token = self.client.cookies["csrftoken"]
        return await self.client.post(
            path, data=fields, headers={"X-CSRFToken": token, "Referer": str(self.client.base_url)}
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Return once ``condition`` holds; fail after ``within`` seconds."""
    import asyncio

    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        await asyncio.sleep(0.01)
