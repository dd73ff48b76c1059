"""Questions put to a site while something is wrong with it: what is answered, and how soon."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Self

import httpx

from tests.fault_suite.world import World
from tests.live.house import Someone
from tests.live.window import Window

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Answer:
    """What came back."""

    what: str
    """A status of HTTP, or a code of the wire; "silence" where nothing came in time."""
    seconds: float
    retry_after: float | None = None

    @property
    def says_when_to_return(self) -> bool:
        """Refused for now, with a time: 503 or ``busy``."""
        return self.what in ("503", "busy") and bool(self.retry_after)

    def __str__(self) -> str:
        hint = f", again in {self.retry_after:g} s" if self.retry_after else ""
        return f"{self.what} after {self.seconds:.1f} s{hint}"


async def page(world: World, address: str, person: Someone, path: str) -> Answer:
    """Ask for a page of one server, as somebody who is signed in."""
    since = time.monotonic()
    cookies = {"sessionid": person.session}
    headers = {"Host": world.address.partition("//")[2]}
    try:
        async with httpx.AsyncClient(
            trust_env=False, timeout=PATIENCE_S, cookies=cookies, headers=headers
        ) as client:
            answer = await client.get(f"{address}{path}")
    except httpx.HTTPError:
        return Answer("silence", time.monotonic() - since)
    hint = answer.headers.get("Retry-After")
    return Answer(str(answer.status_code), time.monotonic() - since, float(hint) if hint else None)


class Probe:
    """A window of somebody who looks at a room now and then, and does not try again."""

    def __init__(self, world: World, person: Someone, room: int) -> None:
        self.world = world
        self.person = person
        self.room = room
        self._window: Window | None = None

    async def __aenter__(self) -> Self:
        self._window = Window(await self.world.connect(self.person))
        await self._window.follow(self.room)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._window is not None
        await self._window.leave()

    async def look(self) -> Answer:
        """Read the room anew."""
        assert self._window is not None
        since = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S):
                said = await self._window.ask("subscribe", room=self.room)
        except TimeoutError:
            return Answer("silence", time.monotonic() - since)
        took = time.monotonic() - since
        return Answer(said.get("code") or said["type"], took, said.get("retry_after"))
