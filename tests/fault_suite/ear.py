"""Somebody who only listens, and writes down when they last heard something of a room."""

from __future__ import annotations

import asyncio
import time

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.fault_suite.world import Server, World
from tests.live.house import Someone

OPEN_S = 30.0


class Ear:
    """A socket that follows a room until it is closed or told that the room is gone."""

    def __init__(self, connection: ClientConnection, room: int) -> None:
        self._connection = connection
        self._room = room
        self.heard_at: list[float] = []
        """When each frame with messages of the room came."""
        self.ended_at: float | None = None
        """When it was told that it is out."""
        self.end = ""
        self.listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        try:
            while True:
                frame = orjson.loads(await self._connection.recv())
                if frame["type"] == "changes" and frame["room"] == self._room and frame["messages"]:
                    self.heard_at.append(time.monotonic())
                elif frame["type"] == "gone" and frame["room"] == self._room:
                    self._note_end(f"gone ({frame['cause']})")
        except ConnectionClosed:
            self._note_end(f"closed with {self._connection.close_code}")

    def _note_end(self, how: str) -> None:
        if self.ended_at is None:
            self.ended_at, self.end = time.monotonic(), how

    async def close(self) -> None:
        """Hang up, and raise what went wrong while it listened."""
        await self._connection.close()
        await self.listening


async def listen(world: World, person: Someone, room: int, at: Server) -> Ear:
    """Open a socket at one server, follow the room, and listen from then on."""
    uri = f"{at.address.replace('http', 'ws', 1)}/socket/"
    connection: ClientConnection = await world.connect(person, uri=uri, open_timeout=OPEN_S)
    await connection.recv()
    wish = {"type": "subscribe", "id": 1, "room": room}
    await connection.send(orjson.dumps(wish).decode())
    return Ear(connection, room)
