"""What is done in the admin takes hold in windows that are open, and how soon.

A real server, a real socket that listens, the admin's own forms over HTTP. The times from
the click's response to the frame are told at the end of the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.admin.clicking import MEMBERS, SOON_S, Scene, desk, facts, heard_soon, tombstone
from tests.figures import Tell
from tests.live.stage import Stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("admin"))
    try:
        stage.start()
        yield stage
    finally:
        stage.end()
    assert "Traceback" not in stage.said


@pytest.fixture
def scene(stage: Stage) -> Scene:
    return Scene(stage)


async def test_what_is_done_to_a_room_is_in_every_open_window(
    stage: Stage, scene: Scene, tell: Tell
) -> None:
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
            await heard_soon(window, what, frame, click, tell)


async def test_roles_and_removals_reach_the_person_and_the_room(
    stage: Stage, scene: Scene, tell: Tell
) -> None:
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
            tell,
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
                tell,
            )
            await asyncio.wait_for(gone, SOON_S)


@pytest.mark.parametrize(
    ("action", "what"),
    [("deactivate", "deactivate (list)"), ("sign_out_everywhere", "sign out everywhere (list)")],
)
async def test_who_is_switched_off_or_signed_out_is_out_of_every_window(
    stage: Stage, scene: Scene, action: str, what: str, tell: Tell
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
            tell,
        )
        assert await one.closed(SOON_S) == 4001
        assert await other.closed(SOON_S) == 4001
        async with stage.window(scene.bob) as again:
            assert await again.closed() == 4001


async def test_signing_out_in_the_admin_closes_that_sessions_windows(
    stage: Stage, scene: Scene, tell: Tell
) -> None:
    async with stage.window(scene.olga) as window, desk(stage, scene.olga) as admin:
        await window.welcome()
        await heard_soon(window, "log out", "notice", lambda: admin.click("/admin/logout/"), tell)
        assert await window.closed(SOON_S) == 4001


async def test_a_new_password_closes_the_persons_windows(
    stage: Stage, scene: Scene, tell: Tell
) -> None:
    async with stage.window(scene.bob) as window, desk(stage, scene.olga) as admin:
        await window.welcome()
        path = f"/admin/chat/user/{scene.bob.id}/password/"
        await heard_soon(
            window,
            "new password",
            "notice",
            lambda: admin.click(path, password="a quite long password 7", reason=""),
            tell,
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
