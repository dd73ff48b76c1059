"""Who is put out of a room or silenced is so in every window at once, and comes in by no door.

By the commands of a moderator's window, on each server.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from typing import Any

from tests.figures import Tell
from tests.live.stage import Someone, Stage

QUICKLY_S = 2.0


async def _within(since: float, frames: Awaitable[Any]) -> tuple[Any, float]:
    heard = await frames
    took = time.monotonic() - since
    assert took < QUICKLY_S
    return heard, took


async def _no_door_of_the_room(
    stage: Stage, person: Someone, room: int, code: str, reason: str
) -> None:
    """By socket, page, API and joining, in a new window and an old session."""
    status = {"banned": 403, "not_found": 404}[code]
    async with stage.window(person) as again, stage.browser(person) as browser:
        welcome = await again.welcome()
        assert room not in [entry["facts"]["id"] for entry in welcome["rooms"]]
        for command in (
            {"kind": "subscribe"},
            {"kind": "subscribe", "cursor": f"{welcome['epoch']}:1"},
            {"kind": "post", "nonce": "nonce-door", "body": "Let me in."},
        ):
            refusal = await again.ask(room=room, **command)
            assert (refusal["type"], refusal["code"]) == ("error", code)
            assert reason in refusal["text"]
        for path in (
            f"/rooms/{room}/",
            f"/rooms/{room}/settings/",
            f"/api/rooms/{room}/messages/",
            f"/api/rooms/{room}/people/",
            f"/api/rooms/{room}/pins/",
        ):
            answer = await browser.client.get(path)
            assert (answer.status_code, reason in answer.text) == (status, True), path
        joined = await browser.submit(f"/rooms/{room}/join/")
        assert (joined.status_code, reason in joined.text) == (status, True)
        assert str(room) not in str([f for f in again.heard if f["type"] in ("unread", "changes")])


async def test_a_ban_from_a_room_closes_it_in_every_window_and_leaves_no_way_back(
    stage: Stage, tell: Tell
) -> None:
    ada, bob, carl = stage.people("ada", "bob", "carl")
    cellar = stage.room(ada, bob, carl, kind="private")
    async with (
        stage.window(ada) as hers,
        stage.window(bob) as one,
        stage.window(bob) as other,
        stage.window(carl) as carls,
    ):
        for window in (hers, one, carls):
            await window.follow(cellar)
        await other.welcome()  # It only counts what is unread there.
        answer = await hers.ask(
            "ban", room=cellar, user=bob.id, minutes=10, reason="Spam.", note="The third time."
        )
        assert answer["type"] == "ok", answer
        since = time.monotonic()
        gone, took = await _within(since, one.hear("gone"))
        assert (gone["room"], gone["cause"], gone["reason"]) == (cellar, "banned", "Spam.")
        assert gone["until"]
        assert "Spam." in gone["text"]
        gone_there, _ = await _within(since, other.hear("gone"))
        assert gone_there["room"] == cellar
        await hers.say(cellar, "Now we can talk.", "nonce-001")
        await carls.hear_message(cellar, "Now we can talk.", within=2)
        await _no_door_of_the_room(stage, bob, cellar, "banned", "Spam.")
        for window in (one, other):
            assert await window.is_alive()
            assert "Now we can talk." not in str(window.heard)
            assert not any(f["type"] == "unread" for f in window.heard)
            assert "The third time." not in str(window.heard)
        assert not any(f["type"] in ("gone", "notice") for f in carls.heard)
        tell(f"out {took * 1000:.0f} ms after the moderator's answer")


async def test_who_is_kicked_is_out_at_once_and_may_return_where_it_is_open(
    stage: Stage, tell: Tell
) -> None:
    ada, bob, carl = stage.people("ada", "bob", "carl")
    hall, cellar = stage.room(ada, bob, carl), stage.room(ada, bob, carl, kind="private")
    async with stage.window(ada) as hers, stage.window(bob) as his, stage.window(carl) as carls:
        for window in (hers, his, carls):
            await window.follow(hall)
            await window.follow(cellar)
        for room in (hall, cellar):
            assert (await hers.ask("kick", room=room, user=bob.id, reason="Calm down."))[
                "type"
            ] == "ok"
            gone, took = await _within(time.monotonic(), his.hear("gone"))
            assert (gone["room"], gone["cause"], gone["reason"]) == (room, "kicked", "Calm down.")
        await _no_door_of_the_room(stage, bob, cellar, "not_found", "")
        async with stage.browser(bob) as browser:
            assert (await browser.submit(f"/rooms/{hall}/join/")).status_code == 302
        await his.hear(lambda f: f["type"] == "membership" and f["entry"]["facts"]["id"] == hall)
        await his.follow(hall)
        await his.say(hall, "I am back.", "nonce-001")
        await carls.hear_message(hall, "I am back.", within=2)
        assert not any(f["type"] == "gone" for f in carls.heard)
        tell(f"out {took * 1000:.0f} ms after the moderator's answer")


async def test_a_mute_silences_every_window_and_its_lift_lets_speak_again(
    stage: Stage, tell: Tell
) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with (
        stage.window(ada) as hers,
        stage.window(bob) as one,
        stage.window(bob) as other,
        stage.browser(ada) as browser,
    ):
        await one.follow(room)
        await other.welcome()
        await hers.follow(room)
        mark = await one.say(room, "Blah.", "nonce-001")
        await hers.ask("mute", room=room, user=bob.id, minutes=10, reason="Loud.")
        since = time.monotonic()
        for window in (one, other):
            told, took = await _within(since, window.hear("membership"))
            assert told["entry"]["muted"]["reason"] == "Loud."
            assert told["entry"]["muted"]["until"]
        for command in (
            {"kind": "post", "room": room, "nonce": "nonce-002", "body": "Hm."},
            {"kind": "edit", "message": mark["id"], "body": "BLAH."},
        ):
            refusal = await other.ask(**command)
            assert refusal["code"] == "muted"
            assert "Loud." in refusal["text"]
        await hers.say(room, "He still reads this.", "nonce-001")
        await one.hear_message(room, "He still reads this.", within=2)
        listed = await browser.client.get(f"/api/rooms/{room}/sanctions/")
        [sanction] = listed.json()["sanctions"]
        await hers.ask("lift", sanction=sanction["id"])
        lifted, _ = await _within(time.monotonic(), one.hear("membership"))
        assert lifted["entry"]["muted"] is None
        await one.say(room, "Thank you.", "nonce-003")
        tell(f"silenced {took * 1000:.0f} ms after the moderator's answer")


async def test_a_lifted_ban_gives_the_membership_back_as_it_was(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    cellar = stage.room(ada, bob, kind="private")
    async with (
        stage.window(ada) as hers,
        stage.window(bob) as his,
        stage.browser(ada) as browser,
    ):
        await his.follow(cellar)
        await hers.follow(cellar)
        await hers.ask("ban", room=cellar, user=bob.id, reason="Spam.")
        gone = await his.hear("gone")
        assert gone["until"] is None
        listed = await browser.client.get(f"/api/rooms/{cellar}/sanctions/")
        [sanction] = listed.json()["sanctions"]
        await hers.ask("lift", sanction=sanction["id"])
        back, _ = await _within(time.monotonic(), his.hear("membership"))
        assert back["entry"]["facts"]["id"] == cellar
        await his.follow(cellar)
        assert (await hers.ask("lift", sanction=sanction["id"]))["code"] == "decided"


async def test_nobody_is_put_out_by_those_who_may_not(stage: Stage) -> None:
    """Themselves, the owner, people elsewhere; by a member, the outsider, a moderator."""
    ada, bob, eve, max_ = stage.people("ada", "bob", "eve", "max")
    room = stage.room(ada, bob, max_)
    stage.backstage(
        "act", action="members.set_role", person=ada.id, room_id=room, user_id=max_.id,
        role="moderator",
    )  # fmt: skip
    async with AsyncExitStack() as windows:
        for person, victims in ((bob, (max_, ada, eve)), (eve, (bob, ada)), (max_, (ada, max_))):
            window = await windows.enter_async_context(stage.window(person))
            for victim in victims:
                for kind in ("mute", "ban", "kick"):
                    refusal = await window.ask(kind, room=room, user=victim.id)
                    assert refusal["code"] == "forbidden", (person.name, victim.name, kind)
