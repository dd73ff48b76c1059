"""A crowd in a process of its own: light sockets that come back as the page does.

Started with a wish as one line of JSON; answers each further line with how it stands. Times
are of the machine's monotonic clock, which all its processes share.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from typing import Any
from urllib.parse import urlsplit

from benchmarks.client import RefusedError, Socket, connect
from benchmarks.ledger import Ledger
from chat.protocol import SUBPROTOCOL

FIRST_TRY_S, LONGEST_S = 2.0, 30.0
OPENING_AT_ONCE = 50
OPEN_S = 20.0


def delay_before(attempt: int, chance: float, hint_s: float | None) -> float:
    """As ``backoff.js`` has it: full jitter, or a little after the time that was said."""
    ceiling = min(LONGEST_S, FIRST_TRY_S * 2 ** min(attempt, 10))
    return chance * ceiling if hint_s is None else hint_s + chance * min(ceiling, hint_s)


class Member:
    """One socket of the crowd, and its view's cursor."""

    def __init__(self, origin: str, session: str, room: int, chance: random.Random) -> None:
        self._origin, self._session, self._room, self._chance = origin, session, room, chance
        self._epoch, self.revision = "", -1
        self.is_connected = False
        self.partings = self.told = self.resets = 0
        self.failed: list[str] = []
        """Why it could not come, each time."""
        self.resumes: list[tuple[float, float]] = []
        """When a line was asked for, and when the room was there."""

    async def live(self, gate: asyncio.Semaphore) -> None:
        """Stay connected for ever; the first time, wait in line."""
        attempt, hint = 0, None
        async with gate:
            socket = await self._come()
        while True:
            if socket is not None:
                attempt, hint = 0, await self._stay(socket)
            await asyncio.sleep(delay_before(attempt, self._chance.random(), hint))
            attempt, hint = attempt + 1, None
            socket = await self._come()

    async def _come(self) -> Socket | None:
        asked = time.monotonic()
        headers = {
            "Origin": self._origin,
            "Cookie": f"sessionid={self._session}",
            "Sec-WebSocket-Protocol": SUBPROTOCOL,
        }
        port = urlsplit(self._origin).port
        assert port is not None
        try:
            async with asyncio.timeout(OPEN_S):
                socket = await connect(Ledger(lambda _: None), port, "/socket/", headers)
                self._epoch = (await socket.frame_of("welcome", within=OPEN_S))["epoch"]
                await self._subscribe(socket, OPEN_S)
        except (OSError, RefusedError, TimeoutError) as error:
            self.failed.append(f"{time.monotonic() - asked:.1f} s: {error!r}"[:120])
            return None
        self.resumes.append((asked, time.monotonic()))
        self.is_connected = True
        return socket

    async def _subscribe(self, socket: Socket, within: float) -> None:
        cursor = f"{self._epoch}:{self.revision}" if self.revision >= 0 else None
        wish = {"type": "subscribe", "room": self._room, "cursor": cursor}
        socket.send({**wish, "id": socket.next_number()})
        answer = await socket.frame_of("subscribed", within=within)
        self.resets += self.revision >= 0 and not answer.get("changes")
        self.revision = (answer.get("changes") or answer["snapshot"])["revision"]

    async def _stay(self, socket: Socket) -> float | None:
        """Read until the line ends; return when the server said to come back."""
        hint = None
        try:
            while True:
                frame = await socket.frame()
                if frame["type"] == "notice":
                    hint = frame.get("retry_after")
                elif frame["type"] == "changes" and frame["revision"] > self.revision:
                    if frame["since"] > self.revision:
                        await self._subscribe(socket, OPEN_S)
                    else:
                        self.revision = frame["revision"]
        except (RefusedError, TimeoutError):
            self.is_connected = False
            self.partings += 1
            self.told += hint is not None
            return hint

    def stands(self) -> dict[str, Any]:
        """What the parent asks for."""
        return {
            "connected": self.is_connected,
            "revision": self.revision,
            "partings": self.partings,
            "told": self.told,
            "resets": self.resets,
            "failed": self.failed[-3:],
            "resumed": self.resumes[-1] if self.resumes else None,
        }


async def main() -> None:
    loop = asyncio.get_running_loop()
    wish = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    chance = random.Random(wish["seed"])
    gate = asyncio.Semaphore(OPENING_AT_ONCE)
    sessions = wish["sessions"]
    members = [
        Member(wish["origin"], sessions[number % len(sessions)], wish["room"], chance)
        for number in range(wish["count"])
    ]
    living = [asyncio.create_task(member.live(gate)) for member in members]
    while await loop.run_in_executor(None, sys.stdin.readline):
        for task in living:
            if task.done():
                task.result()
        sys.stdout.write(json.dumps([member.stands() for member in members]) + "\n")
        sys.stdout.flush()
    for task in living:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
