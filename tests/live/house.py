"""A site but for its servers: what is done behind it, and who comes to its doors."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from chat.protocol import SUBPROTOCOL
from tests.live.window import Window

BASE_DIR = Path(__file__).resolve().parent.parent.parent
STOP_TIMEOUT_S = 20
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Someone:
    """One of the cast, signed in."""

    id: int
    name: str
    session: str


class House:
    """The people, rooms and rows of a site, and the windows that look at it."""

    address: str
    """Where the site is reached, as ``http://127.0.0.1:8000``."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._backstage: subprocess.Popen[str] | None = None

    # --- Behind it ---------------------------------------------------------------------

    def backstage(self, command: str, **arguments: Any) -> Any:
        """Call a function of ``tests/live/backstage.py`` beside the server."""
        if self._backstage is None:
            self._backstage = subprocess.Popen(
                [sys.executable, "-m", "tests.live.backstage"],
                cwd=BASE_DIR,
                env=self.environment,
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

    def close_backstage(self) -> None:
        """End the process behind the site."""
        if self._backstage is not None:
            self._backstage.stdin.close()  # type: ignore[union-attr]
            try:
                self._backstage.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._backstage.kill()
                self._backstage.wait()
            self._backstage.stdout.close()  # type: ignore[union-attr]
            self._backstage = None

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
            "uri": f"{self.address.replace('http', 'ws', 1)}/socket/",
            **changes,
        }
        return connect(**arguments)

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
