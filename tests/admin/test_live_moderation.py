"""Moderating in the admin takes hold in windows that are open, and how soon.

As ``test_live.py``: a real server, real sockets, the admin's own forms over HTTP. The times
from the click's response to the frame are told at the end of the run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.admin.clicking import SOON_S, Desk, Scene, desk, facts, heard_soon, tombstone
from tests.figures import Tell
from tests.live.stage import Someone, Stage
from tests.live.window import Frame

SANCTIONS = "/admin/chat/sanction/"
HELD = "/admin/chat/heldpost/"
LEVELS = ("members", "approve_first", "read_only", "normal")
ELSEWHERE = "81.2.69.160"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("moderation"), TRUSTED_PROXIES="1")
    try:
        stage.start()
        yield stage
    finally:
        stage.end()
    assert "Traceback" not in stage.said


@pytest.fixture
def scene(stage: Stage) -> Scene:
    return Scene(stage)


def brought_back(body: str) -> Callable[[Frame], bool]:
    return lambda frame: (
        frame["type"] == "changes"
        and any(
            message["body"] == body and not message["redacted"] for message in frame["messages"]
        )
    )


def muted(is_muted: bool) -> Callable[[Frame], bool]:
    return lambda frame: (
        frame["type"] == "membership" and (frame["entry"]["muted"] is not None) == is_muted
    )


def gone(cause: str) -> Callable[[Frame], bool]:
    return lambda frame: frame["type"] == "gone" and frame["cause"] == cause


def waiting(*statuses: str) -> Callable[[Frame], bool]:
    return lambda frame: (
        frame["type"] == "held" and [post["status"] for post in frame["posts"]] == list(statuses)
    )


def sanction_form(person: Someone, kind: str, room: int | None = None) -> dict[str, Any]:
    """What a browser sends from the page of a new sanction."""
    where = f"#{room}" if room is not None else ""
    form = {"person": person.name, "kind": kind, "room": where, "term": "60", "until": ""}
    return form | {"reason": "Spam.", "note": "between us"}


async def lift_page(admin: Desk, person: Someone) -> str:
    """Where the newest sanction of somebody is lifted."""
    found = re.search(
        rf"{SANCTIONS}(\d+)/change/", await admin.read(f"{SANCTIONS}?q={person.name}")
    )
    assert found is not None
    return f"{SANCTIONS}lift/?ids={found[1]}"


# --- Redaction ----------------------------------------------------------------------------------


async def test_a_redaction_is_undone_in_every_open_window(
    stage: Stage, scene: Scene, tell: Tell
) -> None:
    redact = f"/admin/chat/message/redact/?ids={scene.message}"
    redact_all = f"/admin/chat/message/redact-all/?people={scene.bob.id}"
    everything = {"span": "ever", "where": "site", "reason": "a flood"}
    async with stage.window(scene.ada) as window, desk(stage, scene.olga) as admin:
        await window.follow(scene.room)
        for what, path, form in (
            ("redact", redact, {"reason": "spam"}),
            ("redact all of a person", redact_all, everything),
        ):
            await heard_soon(
                window, what, tombstone, lambda p=path, f=form: admin.click(p, **f), tell
            )
            undo = await admin.undo_page()
            frame = brought_back("Buy gold")
            await heard_soon(
                window,
                f"undo ({what})",
                frame,
                lambda u=undo: admin.click(u, reason="a mistake"),
                tell,
            )


# --- Sanctions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["lift", "undo"])
async def test_a_mute_is_in_its_persons_windows_and_so_is_its_end(
    stage: Stage, scene: Scene, tell: Tell, way: str
) -> None:
    async with stage.window(scene.bob) as window, desk(stage, scene.olga) as admin:
        await window.follow(scene.room)
        form = sanction_form(scene.bob, "mute", scene.room)
        told = await heard_soon(
            window, "mute", muted(True), lambda: admin.click(f"{SANCTIONS}add/", **form), tell
        )
        assert told["entry"]["muted"]["reason"] == "Spam."
        assert "between us" not in str(window.heard)
        refusal = await window.ask("post", room=scene.room, body="Hey", nonce="nonce-0001")
        assert refusal["code"] == "muted"
        path = await (lift_page(admin, scene.bob) if way == "lift" else admin.undo_page())
        await heard_soon(window, way, muted(False), lambda: admin.click(path, reason=""), tell)
        await window.say(scene.room, "Hey again", "nonce-0002")


@pytest.mark.parametrize(("kind", "cause"), [("ban", "banned"), ("kick", "kicked")])
async def test_who_is_put_out_of_a_room_is_out_of_every_window(
    stage: Stage, scene: Scene, tell: Tell, kind: str, cause: str
) -> None:
    async with (
        stage.window(scene.bob) as one,
        stage.window(scene.bob) as other,
        desk(stage, scene.olga) as admin,
    ):
        await one.follow(scene.room)
        await other.welcome()
        form = sanction_form(scene.bob, kind, scene.room)
        told = await heard_soon(
            one,
            f"{kind} (room)",
            gone(cause),
            lambda: admin.click(f"{SANCTIONS}add/", **form),
            tell,
        )
        assert told["reason"] == "Spam."
        await other.hear(gone(cause), SOON_S)
        assert await one.is_alive()


@pytest.mark.parametrize(
    ("kind", "notice", "code"), [("ban", "banned", 4003), ("kick", "kicked", 4001)]
)
async def test_who_is_put_out_of_the_site_is_out_of_every_window(
    stage: Stage, scene: Scene, tell: Tell, kind: str, notice: str, code: int
) -> None:
    async with (
        stage.window(scene.bob) as one,
        stage.window(scene.bob) as other,
        desk(stage, scene.olga) as admin,
    ):
        for window in (one, other):
            await window.welcome()
        form = sanction_form(scene.bob, kind)
        told = await heard_soon(
            one, f"{kind} (site)", "notice", lambda: admin.click(f"{SANCTIONS}add/", **form), tell
        )
        assert (told["code"], told["reason"]) == (notice, "Spam.")
        assert await one.closed(SOON_S) == code
        assert await other.closed(SOON_S) == code
    if kind == "ban":
        async with desk(stage, scene.olga) as admin:
            await admin.click(await lift_page(admin, scene.bob), reason="")
        async with stage.window(scene.bob) as again:
            await again.welcome()


async def test_a_ban_by_ticking_people_bites_as_soon(
    stage: Stage, scene: Scene, tell: Tell
) -> None:
    path = f"/admin/chat/user/ban/?ids={scene.bob.id}"
    form = {"room": f"#{scene.room}", "term": "ever", "until": "", "reason": "Spam.", "note": ""}
    async with stage.window(scene.bob) as window, desk(stage, scene.olga) as admin:
        await window.follow(scene.room)
        await heard_soon(
            window, "ban (list)", gone("banned"), lambda: admin.click(path, **form), tell
        )


async def test_a_banned_address_loses_its_windows(stage: Stage, scene: Scene, tell: Tell) -> None:
    cookie = f"sessionid={scene.bob.session}"
    headers = {"Cookie": cookie, "X-Forwarded-For": ELSEWHERE}
    form = {"network": f"{ELSEWHERE}/32", "term": "60", "until": "", "reason": "Raid.", "note": ""}
    async with (
        stage.window(scene.ada) as hers,
        stage.window(scene.bob, additional_headers=headers) as his,
        desk(stage, scene.olga) as admin,
    ):
        await hers.follow(scene.room)
        await his.follow(scene.room)
        add = "/admin/chat/addressban/add/"
        await heard_soon(his, "address ban", "notice", lambda: admin.click(add, **form), tell)
        await his.closed(SOON_S)
        assert await hers.is_alive()
        async with httpx.AsyncClient(base_url=stage.address, trust_env=False) as client:
            answer = await client.get("/rooms/", headers=headers)
            assert answer.status_code == 403
            # Whoever comes from elsewhere, and only says so to the proxy, is let in.
            spoofed = headers | {"X-Forwarded-For": f"{ELSEWHERE}, 127.0.0.1"}
            assert (await client.get("/rooms/", headers=spoofed)).status_code == 200
        page = await admin.read("/admin/chat/addressban/")
        found = re.search(r"/admin/chat/addressban/(\d+)/change/", page)
        assert found is not None
        await admin.click(f"/admin/chat/addressban/lift/?ids={found[1]}", reason="")
        async with stage.window(scene.bob, additional_headers=headers) as again:
            await again.welcome()


# --- Reports --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "cause"), [("redacted", None), ("muted", "mute"), ("banned", "ban")]
)
async def test_a_decided_case_is_in_all_windows_that_it_concerns(
    stage: Stage, scene: Scene, tell: Tell, outcome: str, cause: str | None
) -> None:
    async with (
        stage.window(scene.ada) as hers,
        stage.window(scene.bob) as his,
        desk(stage, scene.olga) as admin,
    ):
        await hers.follow(scene.room)
        await his.follow(scene.room)
        answer = await hers.ask("report", message=scene.message, reason="advertising")
        assert answer["type"] == "ok"
        queue = await admin.read("/admin/chat/reportcase/")
        found = re.findall(r"/admin/chat/reportcase/(\d+)/change/", queue)
        form = {"outcome": outcome, "reason": "No gold.", "term": "60", "until": ""}
        form |= {"where": "room", "note": ""}
        path = f"/admin/chat/reportcase/{found[-1]}/change/"
        await heard_soon(
            hers, f"case: {outcome}", tombstone, lambda: admin.click(path, **form), tell
        )
        heard = await hers.hear("outcome", SOON_S)
        assert heard["outcome"]["outcome"] == outcome
        if cause == "mute":
            await his.hear(muted(True), SOON_S)
        elif cause == "ban":
            assert (await his.hear(gone("banned"), SOON_S))["reason"] == "No gold."


# --- Rooms ----------------------------------------------------------------------------------------


async def test_the_switches_of_a_room_are_in_every_open_window(
    stage: Stage, scene: Scene, tell: Tell
) -> None:
    room = f"/admin/chat/room/{scene.room}/change/"
    async with stage.window(scene.bob) as window, desk(stage, scene.olga) as admin:
        await window.follow(scene.room)
        for what, field, value, fact in (
            ("slow mode", "slow_mode_s", 30, {"slow_mode": 30}),
            ("posting", "posting", "moderators", {"posting": "moderators"}),
            ("approve first", "approve_first", "everyone", {"approve_first": "everyone"}),
            ("archive", "archived", "on", {"archived": True}),
        ):
            form = scene.room_form(**{field: value})
            await heard_soon(
                window, what, facts(**fact), lambda f=form: admin.click(room, **f), tell
            )
        form = scene.room_form()
        await heard_soon(
            window, "open again", facts(archived=False), lambda: admin.click(room, **form), tell
        )


async def test_a_held_post_is_let_in_or_rejected_in_every_open_window(
    stage: Stage, scene: Scene, tell: Tell
) -> None:
    room = f"/admin/chat/room/{scene.room}/change/"
    async with (
        stage.window(scene.ada) as hers,
        stage.window(scene.bob) as his,
        desk(stage, scene.olga) as admin,
    ):
        await hers.follow(scene.room)
        await his.follow(scene.room)
        await admin.click(room, **scene.room_form(approve_first="everyone"))
        await his.hear(facts(approve_first="everyone"))
        for number, body in enumerate(("Let in.", "Kept out.")):
            await his.send("post", room=scene.room, body=body, nonce=f"nonce-{number:04d}")
        queue = await hers.hear(waiting("waiting", "waiting"))
        first, second = (post["id"] for post in queue["posts"])
        await heard_soon(
            hers,
            "approve",
            brought_back("Let in."),
            lambda: admin.click(f"{HELD}approve/?ids={first}"),
            tell,
        )
        await hers.hear(waiting("waiting"), SOON_S)
        await heard_soon(
            his,
            "reject",
            waiting("rejected"),
            lambda: admin.click(f"{HELD}reject/?ids={second}", reason="No gold."),
            tell,
        )
        await hers.hear(waiting(), SOON_S)
        assert "Kept out." not in str([f for f in hers.heard if f["type"] == "changes"])


# --- The whole site -----------------------------------------------------------------------------


async def test_the_level_of_the_site_is_in_every_open_window(
    stage: Stage, scene: Scene, tell: Tell
) -> None:
    async with stage.window(scene.bob) as window, desk(stage, scene.olga) as admin:
        await window.follow(scene.room)
        for level in LEVELS:
            told = await heard_soon(
                window,
                f"level: {level}",
                "site",
                lambda to=level: admin.click("/admin/level/", level=to, reason="raid"),
                tell,
            )
            assert told["level"] == level
            if level == "read_only":
                nonce = "nonce-0001"
                refusal = await window.ask("post", room=scene.room, body="Hey", nonce=nonce)
                assert refusal["code"] == "site_read_only"
        await window.say(scene.room, "Hey", "nonce-0002")


async def test_a_word_rule_refuses_the_very_next_post(
    stage: Stage, scene: Scene, tell: Tell
) -> None:
    form = {"kind": "literal", "pattern": "gold", "outcome": "refuse", "sentence": "No gold here."}
    form |= {"room": f"#{scene.room}", "is_active": "on", "sample": "", "reason": ""}
    async with stage.window(scene.bob) as window, desk(stage, scene.olga) as admin:
        await window.follow(scene.room)
        await window.say(scene.room, "Buy gold once", "nonce-0001")

        async def click_and_post() -> float:
            answered = await admin.click("/admin/chat/wordrule/add/", **form)
            await window.send("post", room=scene.room, body="Buy gold again", nonce="nonce-0002")
            return answered

        refusal = await heard_soon(
            window,
            "word rule (the next post refused)",
            lambda frame: frame.get("id") is not None and frame["type"] in ("ok", "error"),
            click_and_post,
            tell,
        )
        assert (refusal["type"], refusal["code"]) == ("error", "refused_words")
        assert "No gold here." in refusal["text"]
