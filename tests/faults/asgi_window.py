"""The real consumer without a server: frames go in and out by hand, and a send may stall."""

from __future__ import annotations

import asyncio
import itertools
from importlib import import_module
from typing import Any

import orjson
from django.conf import settings
from django.contrib import auth

from chat.consumers import ChatConsumer
from chat.models import User
from chat.protocol import SUBPROTOCOL

_addresses = itertools.count(1)
Frame = dict[str, Any]


def sign_in(user: User) -> str:
    """Return the key of a new session."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[auth.SESSION_KEY] = str(user.pk)
    session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    key: str = session.session_key
    return key


class AsgiWindow:
    """One socket of ``chat.v1``, as a server would run it."""

    def __init__(self, session: str) -> None:
        self.frames: list[Frame] = []
        """What came and nobody has taken yet."""
        self.close_code: int | None = None
        self._ids = itertools.count(1)
        self._inbox: asyncio.Queue[Frame] = asyncio.Queue()
        self._taken = asyncio.Event()
        self._taken.set()
        self._scope = {
            "type": "websocket",
            "path": "/socket/",
            "headers": [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode())],
            "subprotocols": [SUBPROTOCOL],
            # An address for each, so that their number is not limited here.
            "client": (f"10.0.{next(_addresses) // 250 % 250}.{next(_addresses) % 250}", 1),
        }
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._running = asyncio.create_task(self._run())

    async def _run(self) -> None:
        await ChatConsumer.as_asgi()(self._scope, self._inbox.get, self._send)

    async def _send(self, message: Frame) -> None:
        if not self._taken.is_set():
            await self._taken.wait()
        if message["type"] == "websocket.close":
            self.close_code = message["code"]
            self._inbox.put_nowait({"type": "websocket.disconnect", "code": message["code"]})
        elif message["type"] == "websocket.send":
            self.frames.append(orjson.loads(message["text"]))

    @property
    def is_open(self) -> bool:
        """Whether neither side has closed it."""
        return self.close_code is None and not self._running.done()

    def stall(self) -> None:
        """Take nothing from now on: sends block."""
        self._taken.clear()

    def go_on(self) -> None:
        """Take again what is sent."""
        self._taken.set()

    def send(self, kind: str, **fields: Any) -> int:
        """Send a command; return its id."""
        command_id = next(self._ids)
        text = orjson.dumps({"type": kind, "id": command_id, **fields}).decode()
        self._inbox.put_nowait({"type": "websocket.receive", "text": text})
        return command_id

    def take(self) -> list[Frame]:
        """Return what came since the last time."""
        taken, self.frames = self.frames, []
        return taken

    async def hear(self, kind: str, **fields: Any) -> Frame:
        """Return the first frame of this type that is not taken yet, with these fields."""
        async with asyncio.timeout(10):
            while True:
                for frame in self.frames:
                    if {"type": kind, **fields}.items() <= frame.items():
                        self.frames.remove(frame)
                        return frame
                await asyncio.sleep(0.001)

    async def leave(self) -> None:
        """Close the socket from this side."""
        self.go_on()
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait({self._running}, timeout=10)
        if self._running.done() and not self._running.cancelled():
            self._running.result()
