"""The admin clicked over HTTP while a real socket listens, and how soon it hears."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.figures import Tell
from tests.live.stage import Someone, Stage
from tests.live.window import Frame, Window

SOON_S = 1.0
MEMBERS = "memberships"


class Desk:
    """The admin as a browser uses it: fetch a page, fill in its form, click."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def read(self, path: str) -> str:
        """A page, as text."""
        answer = await self._client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def undo_page(self, path: str = "/admin/chat/auditentry/") -> str:
        """Where the newest of the clicks on a page is undone."""
        found = re.search(r"/admin/undo/[0-9a-f-]{36}/", await self.read(path))
        assert found is not None
        return found[0]

    async def click(self, path: str, **form: Any) -> float:
        """Post a form; return when the answer was there, in ``time.perf_counter``."""
        await self._client.get("/admin/")
        headers = {
            "X-CSRFToken": self._client.cookies["csrftoken"],
            "Referer": str(self._client.base_url),
        }
        answer = await self._client.post(path, data=form, headers=headers)
        answered = time.perf_counter()
        # The admin answers what was done with a redirect, and what was refused with a page.
        assert answer.status_code == 302, answer.text
        return answered


@asynccontextmanager
async def desk(stage: Stage, person: Someone) -> AsyncIterator[Desk]:
    async with httpx.AsyncClient(
        base_url=stage.address, cookies={"sessionid": person.session}, timeout=20, trust_env=False
    ) as client:
        yield Desk(client)


class Scene:
    """A room of bob's in which he posted; bob and ada listen; olga has the admin open."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.olga = stage.person("olga", is_staff=True, is_superuser=True)
        self.ada, self.bob = stage.people("ada", "bob")
        self.room = stage.room(self.ada, self.bob)
        [mark] = stage.posts(self.room, self.bob, "Buy gold")
        self.message = mark["id"]

    def room_form(self, **changes: Any) -> dict[str, Any]:
        rows = self.stage.backstage("members_of", room=self.room)
        form: dict[str, Any] = {
            "name": self.stage.backstage("name_of", room=self.room),
            "topic": "",
            "slow_mode_s": 0,
            "posting": "everyone",
            "approve_first": "nobody",
            f"{MEMBERS}-TOTAL_FORMS": len(rows),
            f"{MEMBERS}-INITIAL_FORMS": len(rows),
        }
        for number, row in enumerate(rows):
            form |= {
                f"{MEMBERS}-{number}-id": row["id"],
                f"{MEMBERS}-{number}-room": self.room,
                f"{MEMBERS}-{number}-role": row["role"],
            }
        return form | changes


def facts(**wanted: Any) -> Callable[[Frame], bool]:
    def told(frame: Frame) -> bool:
        found = frame.get("room_facts") if frame["type"] == "changes" else None
        return found is not None and all(found[name] == value for name, value in wanted.items())

    return told


def tombstone(frame: Frame) -> bool:
    return frame["type"] == "changes" and any(
        message["redacted"] and message["body"] == "" for message in frame["messages"]
    )


async def heard_soon(
    window: Window,
    what: str,
    frame: str | Callable[[Frame], bool],
    click: Callable[[], Awaitable[float]],
    tell: Tell,
) -> Frame:
    """Click while listening; the frame is there within ``SOON_S`` of the answer; return it."""
    heard_at: list[float] = []

    async def listen() -> Frame:
        heard = await window.hear(frame)
        heard_at.append(time.perf_counter())
        return heard

    listening = asyncio.create_task(listen())
    answered = await click()
    heard = await asyncio.wait_for(listening, SOON_S)
    wait = (heard_at[0] - answered) * 1000
    when = f"{wait:.1f} ms after" if wait >= 0 else f"{-wait:.1f} ms before"
    tell(f"{what}: the frame came {when} the click's answer")
    return heard
