"""Posts that wait, rooms that slow down, a site that closes itself: told live, and where due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from tests.figures import Tell
from tests.live.stage import Stage
from tests.live.window import Frame, Window

Both = tuple[Stage, Stage]
QUICKLY_S = 2.0
POSTERS = 20
SLOW_S = 30


def _waiting(*bodies: str) -> Callable[[Frame], bool]:
    """A ``held`` frame with just these posts."""
    return lambda f: f["type"] == "held" and [p["body"] for p in f["posts"]] == list(bodies)


def _kinds(window: Window) -> set[str]:
    return {frame["type"] for frame in window.heard}


async def test_held_posts_are_told_to_moderators_and_their_author_alone(
    stage: Stage, tell: Tell
) -> None:
    ada, bob, carl, eve, max_ = stage.people("ada", "bob", "carl", "eve", "max")
    room = stage.room(ada, bob, carl, max_)
    elsewhere = stage.room(eve)
    stage.backstage(
        "act", action="members.set_role", person=ada.id, room_id=room, user_id=max_.id,
        role="moderator",
    )  # fmt: skip
    async with AsyncExitStack() as opened:
        hers, his, carls, eves, maxs = [
            await opened.enter_async_context(stage.window(person))
            for person in (ada, bob, carl, eve, max_)
        ]
        for window in (hers, his, carls, eves):
            await window.follow(room)
        await eves.follow(elsewhere)
        await maxs.welcome()  # He moderates here, and looks elsewhere.
        await hers.ask("set_room", room=room, approve_first="everyone")
        await his.hear(lambda f: f["type"] == "changes" and f["room_facts"])
        held = []
        for body in ("One.", "Two.", "Three."):
            nonce = f"nonce-{body[:-1]}-1"
            answer = await his.ask("post", room=room, nonce=nonce, body=body)
            assert answer["type"] == "ok", answer
            assert answer.get("message") is None
            held.append(answer["held"]["id"])
            again = await his.ask("post", room=room, nonce=nonce, body=body)
            assert again["held"] == answer["held"]
        since = time.monotonic()
        for window in (hers, maxs, his):
            await window.hear(_waiting("One.", "Two.", "Three."), QUICKLY_S)
        took = time.monotonic() - since
        # Two are let in, in the other order; of one the author is told why not.
        for number in (1, 0):
            answer = await maxs.ask("approve", held=held[number])
            assert answer["type"] == "ok", answer
        assert (await hers.ask("approve", held=held[0]))["code"] == "decided"
        assert (await hers.ask("reject", held=held[2], reason="Off topic."))["type"] == "ok"
        for window in (hers, his, carls, eves):
            two = await window.hear_message(room, "Two.", QUICKLY_S)
            one = await window.hear_message(room, "One.", QUICKLY_S)
            assert (two["seq"], one["seq"]) == (1, 2)
        rejected = await his.hear(_waiting("Three."), QUICKLY_S)
        [post] = rejected["posts"]
        while post["status"] != "rejected":
            [post] = (await his.hear(_waiting("Three."), QUICKLY_S))["posts"]
        assert post["reason"] == "Off topic."
        await hers.hear(_waiting(), QUICKLY_S)
        await maxs.hear(_waiting(), QUICKLY_S)
        for window in (carls, eves):
            assert await window.is_alive()
            assert "held" not in _kinds(window)
            assert "Three." not in str(window.heard)
        assert (await his.ask("post", room=room, nonce="nonce-Three-1", body="Three."))[
            "code"
        ] == "rejected"
        tell(f"the queue stood before the moderators {took * 1000:.0f} ms after the last answer")


async def test_the_queue_is_there_for_a_moderator_who_comes_later(stage: Stage) -> None:
    ada, bob, carl = stage.people("ada", "bob", "carl")
    room = stage.room(ada, bob, carl)
    stage.backstage(
        "act", action="room_switches.set_approve_first", person=ada.id, room_id=room,
        approve_first="newcomers",
    )  # fmt: skip
    async with stage.window(bob) as his:
        assert "held" in await his.ask("post", room=room, nonce="nonce-001", body="May I?")
    async with (
        stage.window(ada) as hers,
        stage.window(bob) as his,
        stage.window(carl) as carls,
    ):
        for window in (hers, his, carls):
            await window.follow(room)
        await hers.hear(_waiting("May I?"))
        await his.hear(_waiting("May I?"))
        assert await carls.is_alive()
        assert "held" not in _kinds(carls)


async def test_the_levels_of_the_site_hold_in_every_process_at_once(both: Both, tell: Tell) -> None:
    first, second = both
    olga = first.person("olga", is_staff=True, is_superuser=True)
    ada, bob, guest = first.person("ada"), first.person("bob"), first.person("gus", kind="guest")
    room = first.room(ada, bob, guest)
    expected = {
        "members": {"ada": "ok", "bob": "ok", "guest": "members_only"},
        "approve_first": {"ada": "ok", "bob": "held", "guest": "held"},
        "read_only": {"ada": "site_read_only", "bob": "site_read_only", "guest": "site_read_only"},
        "normal": {"ada": "ok", "bob": "ok", "guest": "ok"},
    }
    took = []
    async with (
        first.window(ada) as adas,
        second.window(bob) as bobs,
        second.window(guest) as guests,
    ):
        windows = {"ada": adas, "bob": bobs, "guest": guests}
        for window in windows.values():
            assert (await window.welcome())["level"] == "normal"
        try:
            for level, answers in expected.items():
                await asyncio.to_thread(
                    first.backstage, "act", action="site_level.set_level", person=olga.id,
                    level=level, reason="A raid.",
                )  # fmt: skip
                since = time.monotonic()
                for window in windows.values():
                    assert (await window.hear("site", QUICKLY_S))["level"] == level
                took.append(time.monotonic() - since)
                got = {who: await _posted(w, room, level) for who, w in windows.items()}
                assert got == answers, level
        finally:
            first.backstage("act", action="site_level.set_level", person=olga.id, level="normal")
    tell(f"told everybody within {max(took) * 1000:.0f} ms")


async def _posted(window: Window, room: int, nonce: str) -> Any:
    answer = await window.ask("post", room=room, nonce=f"nonce-{nonce}", body=f"It is {nonce}.")
    if answer["type"] == "error":
        return answer["code"]
    return "held" if answer.get("held") else "ok"


async def test_slow_mode_holds_for_each_of_twenty_posters_in_whichever_process(
    both: Both, tell: Tell
) -> None:
    ada, *people = both[0].people("ada", *(f"poster {n}" for n in range(POSTERS)))
    room = both[0].room(ada, *people)
    async with AsyncExitStack() as opened:
        hers = await opened.enter_async_context(both[0].window(ada))
        await hers.follow(room)
        await hers.ask("set_room", room=room, slow_mode=SLOW_S)
        windows = []
        for number, person in enumerate(people):
            # One window in each process, all from addresses of their own.
            headers = {
                "Cookie": f"sessionid={person.session}",
                "X-Forwarded-For": f"81.2.70.{number + 1}",
            }
            windows.append(
                [
                    await opened.enter_async_context(s.window(person, additional_headers=headers))
                    for s in both
                ]
            )
        since = time.monotonic()
        answers = await asyncio.gather(
            *(
                window.ask("post", room=room, nonce=f"nonce-00{place}", body=f"{n}-{place}")
                for n, pair in enumerate(windows)
                for place, window in enumerate(pair)
            )
        )
        took = time.monotonic() - since
        taken = [answer for answer in answers if answer["type"] == "ok"]
        refused = [answer for answer in answers if answer["type"] == "error"]
        # Of two at once, in two processes, one: whoever locks the room first.
        assert len(taken) == POSTERS
        assert {answer["code"] for answer in refused} == {"slow_mode"}
        assert all(0 < answer["retry_after"] <= SLOW_S for answer in refused)
        for number in range(3):
            await hers.say(room, f"I lead this room: {number}.", f"nonce-00{number}")
        await hers.ask("set_room", room=room, slow_mode=0)
        again = await windows[0][1].ask("post", room=room, nonce="nonce-after", body="At last.")
        assert again["type"] == "ok"
        tell(f"{len(answers)} posts at once judged in {took * 1000:.0f} ms")
    assert len(both[0].backstage("stored", room=room)) == POSTERS + 4
