"""One window of a browser, as far as its socket goes: it asks, hears, and checks every frame."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import orjson
from pydantic import TypeAdapter
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from chat.protocol import EVENTS, REPLIES

PATIENCE_S = 20.0
"""How long a test waits for what must happen; what must happen sooner is timed by the test."""
_models = {model.model_fields["type"].default: TypeAdapter(model) for model in (*EVENTS, *REPLIES)}
Frame = dict[str, Any]


class Window:
    """Reads its socket all the time; frames wait here until somebody hears them."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.heard: list[Frame] = []
        """Every frame, in the order in which they came."""
        self._unheard: list[Frame] = []
        self._news = asyncio.Event()
        self._ids = itertools.count(1)
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for text in self.connection:
                frame: Frame = orjson.loads(text)
                # Whatever a server sends is what the wire's page says.
                _models[frame["type"]].validate_json(text)
                self.heard.append(frame)
                self._unheard.append(frame)
                self._wake()
        except ConnectionClosed:
            pass
        finally:
            self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    # --- Saying ----------------------------------------------------------------------

    async def send(self, kind: str, **fields: Any) -> int:
        """Send a command without waiting for its answer; return its id."""
        command_id = next(self._ids)
        await self.connection.send(
            orjson.dumps({"type": kind, "id": command_id, **fields}).decode()
        )
        return command_id

    async def ask(self, kind: str, **fields: Any) -> Frame:
        """Send a command and return its answer."""
        command_id = await self.send(kind, **fields)
        return await self.hear(lambda frame: frame.get("id") == command_id)

    async def say(self, room: int, body: str, nonce: str) -> Frame:
        """Post, and return the mark."""
        answer = await self.ask("post", room=room, body=body, nonce=nonce)
        assert answer["type"] == "ok", answer
        mark: Frame = answer["message"]
        return mark

    async def follow(self, room: int, cursor: str | None = None) -> Frame:
        """Subscribe, and return the answer."""
        fields = {"cursor": cursor} if cursor is not None else {}
        answer = await self.ask("subscribe", room=room, **fields)
        assert answer["type"] == "subscribed", answer
        return answer

    # --- Hearing ----------------------------------------------------------------------

    async def hear(self, what: str | Callable[[Frame], bool], within: float = PATIENCE_S) -> Frame:
        """Return the first frame not heard yet that is of a type, or as asked for."""
        wanted = what if callable(what) else lambda frame: frame["type"] == what
        async with asyncio.timeout(within):
            while True:
                for frame in self._unheard:
                    if wanted(frame):
                        self._unheard.remove(frame)
                        return frame
                assert not self._reader.done(), f"{self._end()} while waiting for {what}"
                await self._news.wait()

    def _end(self) -> str:
        if (error := self._reader.exception()) is not None:
            raise error
        return f"closed with {self.connection.close_code}"

    async def welcome(self) -> Frame:
        """Return the first frame."""
        return await self.hear("welcome")

    async def hear_message(self, room: int, body: str, within: float = PATIENCE_S) -> Frame:
        """Return the message with this text from a ``changes`` frame of the room."""

        def said(frame: Frame) -> bool:
            return (
                frame["type"] == "changes"
                and frame["room"] == room
                and any(message["body"] == body for message in frame["messages"])
            )

        frame = await self.hear(said, within)
        found: Frame = next(m for m in frame["messages"] if m["body"] == body)
        return found

    async def hear_or_know(self, room: int, body: str) -> None:
        """Return once a message with this text has come, in whatever frame it did."""
        async with asyncio.timeout(PATIENCE_S):
            while not any(
                body in _bodies(frame) for frame in self.heard if frame.get("room") == room
            ):
                assert not self._reader.done(), self._end()
                await self._news.wait()

    async def closed(self, within: float = PATIENCE_S) -> int:
        """Wait for the server to close the socket, and return the code."""
        await asyncio.wait_for(asyncio.shield(self._reader), within)
        assert self.connection.close_code is not None
        return self.connection.close_code

    async def is_alive(self) -> bool:
        """Whether a ping is answered."""
        return (await self.ask("ping"))["type"] == "ok"

    async def leave(self) -> None:
        """Close the socket, and raise what its reader may have found wrong."""
        await self.connection.close()
        await self._reader


def _bodies(frame: Frame) -> list[str]:
    whole = frame.get("changes") or frame.get("snapshot") or frame
    return [message["body"] for message in whole.get("messages", ())]
