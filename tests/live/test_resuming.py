"""Coming back with a cursor: what changed, all of it, once; or a snapshot."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from chat.protocol import CHANGES_PER_FRAME, CHANGES_PER_RESUME, SNAPSHOT_MESSAGES
from tests.live.stage import Someone, Stage
from tests.live.window import Window
from tests.mirror import Mirror


@pytest.fixture(scope="module")
def story(stage: Stage) -> tuple[Someone, int, int]:
    """A room with a past of forty changes; its owner, its id, its revision."""
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    marks = stage.posts(room, bob, *(f"Number {n}." for n in range(30)))
    for step, mark in enumerate(marks[:20:2]):
        stage.backstage("change", person=bob.id, message=mark["id"], redact=step % 3 == 0)
    return ada, room, stage.backstage("stored_revision", room=room)


async def _resume(window: Window, room: int, cursor: str, mirror: Mirror) -> dict[str, Any]:
    answer = await window.follow(room, cursor)
    assert not mirror.apply(answer)
    # Further frames of the same resume come before the answer to what is asked after it.
    assert await window.is_alive()
    for frame in window.heard[window.heard.index(answer) + 1 :]:
        if frame["type"] == "changes":
            assert not mirror.apply(frame)
    return answer


async def test_a_cursor_of_every_age_leads_to_the_same_view(
    stage: Stage, story: tuple[Someone, int, int]
) -> None:
    ada, room, head = story
    whole = Mirror(room)
    async with stage.window(ada) as window:
        epoch = (await window.welcome())["epoch"]
        whole.apply(await window.follow(room))
        for revision in range(head + 1):
            answer = await window.follow(room, f"{epoch}:{revision}")
            changes = answer["changes"]
            assert (changes["since"], changes["revision"]) == (revision, head)
            # Whoever stood at that revision held what was older; the rest has just come.
            older = [m for m in whole.messages.values() if m["revision"] <= revision]
            mirror = Mirror(room, revision, older)
            assert not mirror.apply(answer)
            assert mirror.messages == whole.messages


@pytest.mark.parametrize(
    "cursor", ["{epoch}:{ahead}", "anotherepoch:1", "{epoch}:9007199254740991"]
)
async def test_a_cursor_that_is_not_of_this_store_gets_a_snapshot(
    cursor: str, stage: Stage, story: tuple[Someone, int, int]
) -> None:
    ada, room, head = story
    async with stage.window(ada) as window:
        epoch = (await window.welcome())["epoch"]
        answer = await window.follow(room, cursor.format(epoch=epoch, ahead=head + 1))
        assert answer.get("changes") is None
        assert answer["snapshot"]["revision"] == head


@pytest.mark.parametrize("cursor", ["x:-1", "7", "", "x:1e3", ":", None, 7])
async def test_a_cursor_that_is_none_is_refused(
    cursor: Any, stage: Stage, story: tuple[Someone, int, int]
) -> None:
    ada, room, _ = story
    async with stage.window(ada) as window:
        answer = await window.ask("subscribe", room=room, cursor=cursor)
        if cursor is None:
            assert answer["snapshot"]
        else:
            assert answer["code"] == "bad_field"
        assert await window.is_alive()


async def test_long_absence_comes_in_frames_that_follow_each_other(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    since = stage.backstage("stored_revision", room=room)
    stage.posts(room, bob, *(f"Number {n}." for n in range(2 * CHANGES_PER_FRAME + 200)))
    mirror = Mirror(room, since)
    async with stage.window(ada) as window:
        epoch = (await window.welcome())["epoch"]
        await _resume(window, room, f"{epoch}:{since}", mirror)
        frames = [f.get("changes", f) for f in window.heard if f["type"] != "welcome"]
        sizes = [len(frame["messages"]) for frame in frames if "messages" in frame]
        assert sizes == [CHANGES_PER_FRAME, CHANGES_PER_FRAME, 200]
        assert mirror.bodies() == [f"Number {n}." for n in range(2 * CHANGES_PER_FRAME + 200)]


async def test_too_long_an_absence_gets_a_snapshot_and_history_has_no_hole(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    since = stage.backstage("stored_revision", room=room)
    count = CHANGES_PER_RESUME + 1
    stage.posts(room, bob, *(f"Number {n}." for n in range(count)))
    async with stage.window(ada) as window, stage.browser(ada) as browser:
        epoch = (await window.welcome())["epoch"]
        snapshot = (await window.follow(room, f"{epoch}:{since}"))["snapshot"]
        seqs = [message["seq"] for message in snapshot["messages"]]
        assert seqs == list(range(count - SNAPSHOT_MESSAGES + 1, count + 1))
        changes = (await window.follow(room, f"{epoch}:{since + 1}"))["changes"]
        assert changes["since"] == since + 1
        # Scrolling back from there meets every message once.
        page = await browser.client.get(
            f"/api/rooms/{room}/messages/", params={"before": seqs[0], "limit": 100}
        )
        older = [message["seq"] for message in page.json()["messages"]]
        assert older == list(range(seqs[0] - 100, seqs[0]))


async def test_nothing_falls_between_the_resume_and_what_is_live(stage: Stage) -> None:
    """Resume again and again while somebody posts: each seam fits."""
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with stage.window(bob) as his, stage.window(ada) as hers:
        epoch = (await hers.welcome())["epoch"]
        mirror = Mirror(room)
        mirror.apply(await hers.follow(room))
        for number in range(10):
            sent = await his.send("post", room=room, body=f"{number}", nonce=f"nonce-{number:03d}")
            await hers.follow(room, f"{epoch}:{mirror.revision}")
            answer = await his.hear(lambda frame, sent=sent: frame.get("id") == sent)
            assert answer["type"] == "ok", answer
        await hers.hear_or_know(room, "9")
        fresh = Mirror(room)
        for frame in hers.heard:
            fresh.apply(frame)
        assert fresh.bodies() == [str(number) for number in range(10)]
        spans = [
            (f["since"], f["revision"])
            for f in (frame.get("changes") or frame for frame in hers.heard)
            if "since" in f
        ]
        # Each frame starts at or before the place that the ones before it reached.
        reached = list(itertools.accumulate((revision for _, revision in spans), max))
        assert all(since <= up_to for (since, _), up_to in zip(spans[1:], reached, strict=False))
