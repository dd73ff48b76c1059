"""Somebody who posts on, one post after the other, each sent again until it is acknowledged."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass, field

from tests.live.stage import Someone
from tests.live.window import Window


@dataclass
class Talker:
    """Posts to one room over one socket, which has to last."""

    window: Window
    room: int
    person: Someone
    pause_s: float = 0.02
    acknowledged: list[tuple[int, str]] = field(default_factory=list)
    """Place and text, in the order of the answers."""
    answered_at: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    """The ``retry_after`` of each refusal."""
    slowest_s: float = 0.0
    """The longest time between a post and its answer, whichever it was."""

    async def talk(self, stop: asyncio.Event) -> None:
        """Post until ``stop``; return once the last one is acknowledged."""
        for number in itertools.count(1):
            if stop.is_set():
                return
            await self._post(f"{self.person.name} {number}")
            await asyncio.sleep(self.pause_s)

    async def _post(self, body: str) -> None:
        nonce = f"nonce {body}".replace(" ", "-")
        while True:
            since = time.monotonic()
            answer = await self.window.ask("post", room=self.room, body=body, nonce=nonce)
            self.slowest_s = max(self.slowest_s, time.monotonic() - since)
            if answer["type"] == "ok":
                self.acknowledged.append((answer["message"]["seq"], body))
                self.answered_at.append(time.monotonic())
                return
            assert answer["code"] == "busy", answer
            self.busy.append(answer["retry_after"])
            await asyncio.sleep(answer["retry_after"])

    def is_answered_after(self, moment: float) -> bool:
        """Whether a post was acknowledged later than ``moment``, of ``time.monotonic``."""
        return bool(self.answered_at) and self.answered_at[-1] > moment
