"""What is done in the admin takes hold in windows that are open, and how soon.

A real server, a real socket that listens, the admin's own forms over HTTP. The times from
the click's response to the frame are printed (``pytest -s``, or ``-rP``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.live.stage import Someone, Stage
from tests.live.window import Frame, Window

SOON_S = 1.0
MEMBERS = "memberships"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("admin"))
    try:
        stage.start()
        yield stage
    finally:
        stage.end()
    assert "Traceback" not in stage.said


class Desk:
    """The admin as a browser uses it: fetch a page, fill in its form, click."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

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


@pytest.fixture
def scene(stage: Stage) -> Scene:
    return Scene(stage)


def facts(**wanted: Any) -> Callable[[Frame], bool]:
    def told(frame: Frame) -> bool:
        found = frame.get("room_facts") if frame["type"] == "changes" else None
        return found is not None and all(found[name] == value for name, value in wanted.items())

    return told


def tombstone(frame: Frame) -> bool:
    return frame["type"] == "changes" and any(
        message["redacted"] and message["body"] == "" for message in frame["messages"]
    )


def print_time(what: str, answered: float, heard: float) -> None:
    wait = (heard - answered) * 1000
    said = f"{wait:.1f} ms after" if wait >= 0 else f"{-wait:.1f} ms before"
    print(f"{what}: the frame came {said} the click's answer")  # noqa: T201


async def heard_soon(window: Window, what: str, frame: Any, answered: Callable[[], Any]) -> None:
    """Click while listening; the frame is there within ``SOON_S`` of the answer."""
    heard_at: list[float] = []

    async def listen() -> None:
        await window.hear(frame)
        heard_at.append(time.perf_counter())

    listening = asyncio.create_task(listen())
    answered_at = await answered()
    await asyncio.wait_for(listening, SOON_S)
    print_time(what, answered_at, heard_at[0])


async def test_what_is_done_to_a_room_is_in_every_open_window(stage: Stage, scene: Scene) -> None:
    room = f"/admin/chat/room/{scene.room}/change/"
    rooms = "/admin/chat/room/"
    redact = f"/admin/chat/message/redact/?ids={scene.message}"
    ticked = {"_selected_action": scene.room, "reason": "spring"}
    async with stage.window(scene.ada) as window, desk(stage, scene.olga) as admin:
        await window.welcome()
        await window.follow(scene.room)
        for what, frame, click in (
            ("redact", tombstone, lambda: admin.click(redact, reason="spam")),
            (
                "rename",
                facts(name="The hall"),
                lambda: admin.click(room, **scene.room_form(name="The hall")),
            ),
            (
                "topic",
                facts(topic="Hats off"),
                lambda: admin.click(room, **scene.room_form(topic="Hats off")),
            ),
            (
                "archive (list)",
                facts(archived=True),
                lambda: admin.click(rooms, action="archive", **ticked),
            ),
            (
                "restore (list)",
                facts(archived=False),
                lambda: admin.click(rooms, action="restore", **ticked),
            ),
            (
                "archive (form)",
                facts(archived=True),
                lambda: admin.click(room, **scene.room_form(archived="on")),
            ),
        ):
            await heard_soon(window, what, frame, click)


async def test_roles_and_removals_reach_the_person_and_the_room(stage: Stage, scene: Scene) -> None:
    room = f"/admin/chat/room/{scene.room}/change/"
    async with stage.window(scene.bob) as bobs, desk(stage, scene.olga) as admin:
        await bobs.welcome()
        await bobs.follow(scene.room)
        promoted = lambda frame: (  # noqa: E731
            frame["type"] == "membership" and frame["entry"]["role"] == "moderator"
        )
        await heard_soon(
            bobs,
            "role (inline)",
            promoted,
            lambda: admin.click(room, **scene.room_form(**{f"{MEMBERS}-1-role": "moderator"})),
        )
        async with stage.window(scene.ada) as adas:
            await adas.welcome()
            await adas.follow(scene.room)
            gone = asyncio.create_task(bobs.hear("gone"))
            await heard_soon(
                adas,
                "removal (inline)",
                facts(members=1),
                lambda: admin.click(room, **scene.room_form(**{f"{MEMBERS}-1-remove": "on"})),
            )
            await asyncio.wait_for(gone, SOON_S)


@pytest.mark.parametrize(
    ("action", "what"),
    [("deactivate", "deactivate (list)"), ("sign_out_everywhere", "sign out everywhere (list)")],
)
async def test_who_is_switched_off_or_signed_out_is_out_of_every_window(
    stage: Stage, scene: Scene, action: str, what: str
) -> None:
    async with (
        stage.window(scene.bob) as one,
        stage.window(scene.bob) as other,
        desk(stage, scene.olga) as admin,
    ):
        for window in (one, other):
            await window.welcome()
        await heard_soon(
            one,
            what,
            "notice",
            lambda: admin.click(
                "/admin/chat/user/", action=action, _selected_action=scene.bob.id, reason=""
            ),
        )
        assert await one.closed(SOON_S) == 4001
        assert await other.closed(SOON_S) == 4001
        async with stage.window(scene.bob) as again:
            assert await again.closed() == 4001


async def test_signing_out_in_the_admin_closes_that_sessions_windows(
    stage: Stage, scene: Scene
) -> None:
    async with stage.window(scene.olga) as window, desk(stage, scene.olga) as admin:
        await window.welcome()
        await heard_soon(window, "log out", "notice", lambda: admin.click("/admin/logout/"))
        assert await window.closed(SOON_S) == 4001


async def test_a_new_password_closes_the_persons_windows(stage: Stage, scene: Scene) -> None:
    async with stage.window(scene.bob) as window, desk(stage, scene.olga) as admin:
        await window.welcome()
        path = f"/admin/chat/user/{scene.bob.id}/password/"
        await heard_soon(
            window,
            "new password",
            "notice",
            lambda: admin.click(path, password="a quite long password 7", reason=""),
        )
        assert await window.closed(SOON_S) == 4001


async def test_after_a_redaction_no_door_gives_the_old_text(stage: Stage, scene: Scene) -> None:
    async with stage.window(scene.ada) as window, desk(stage, scene.olga) as admin:
        epoch = (await window.welcome())["epoch"]
        await admin.click(f"/admin/chat/message/redact/?ids={scene.message}", reason="")
        for cursor in (None, f"{epoch}:0", f"{epoch}:2"):
            assert "Buy gold" not in str(await window.follow(scene.room, cursor))
    async with stage.browser(scene.ada) as browser:
        for path in (f"/rooms/{scene.room}/", f"/api/rooms/{scene.room}/messages/"):
            answer = await browser.client.get(path)
            assert answer.status_code == 200
            assert "Buy gold" not in answer.text
