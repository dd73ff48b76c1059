"""Connecting and leaving while somebody talks: nothing falls into the seam, nothing twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.figures import Tell
from tests.live.stage import Someone, Stage
from tests.live.window import Window
from tests.mirror import Mirror

POSTS_PER_S = 50
FOR_S = 8


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site of its own, without a throttle."""
    stage = Stage(
        tmp_path_factory.mktemp("seams"),
        POSTS_BURST="1000000",
        POSTS_PER_MINUTE="1000000",
        COMMANDS_PER_MINUTE="1000000",
    )
    try:
        stage.start()
        yield stage
    finally:
        stage.end()
    assert "Traceback" not in stage.said


async def test_connecting_and_leaving_each_second_under_load(stage: Stage, tell: Tell) -> None:
    ada, bob, eve = stage.people("ada", "bob", "eve")
    room = stage.room(ada, bob)
    over = asyncio.Event()
    async with stage.window(bob) as his:
        talking = asyncio.create_task(_talk(his, room, over))
        coming = [
            asyncio.create_task(_come_and_go(stage, person, room, over, every))
            for person, every in ((ada, 1.0), (eve, 0.7))
        ]
        count = await talking
        seams = [await task for task in coming]
    stored = stage.backstage("stored", room=room)
    assert [row["body"] for row in stored] == [f"Number {n}." for n in range(count)]
    for mirror, visits in seams:
        assert mirror.bodies() == [row["body"] for row in stored]
        assert visits > FOR_S / 2
    tell(f"{count} posts, {sum(visits for _, visits in seams)} visits: no gap, nothing twice")


async def _talk(window: Window, room: int, over: asyncio.Event) -> int:
    started = time.monotonic()
    number = 0
    while time.monotonic() - started < FOR_S:
        await window.say(room, f"Number {number}.", f"nonce-{number:06d}")
        number += 1
        await asyncio.sleep(max(0.0, started + number / POSTS_PER_S - time.monotonic()))
    over.set()
    return number


async def _come_and_go(
    stage: Stage, person: Someone, room: int, over: asyncio.Event, every: float
) -> tuple[Mirror, int]:
    """Resume from one's cursor on each visit; every frame must fit what is held."""
    mirror = Mirror(room)
    visits = 0
    while True:
        last = over.is_set()
        connection = await stage.connect(person)
        epoch = orjson.loads(await connection.recv())["epoch"]
        cursor = f"{epoch}:{mirror.revision}" if mirror.revision >= 0 else None
        command: dict[str, Any] = {"type": "subscribe", "id": 1, "room": room, "cursor": cursor}
        await connection.send(orjson.dumps(command).decode())
        visits += 1
        try:
            async with asyncio.timeout(every):
                while True:
                    frame = orjson.loads(await connection.recv())
                    assert not mirror.apply(frame), f"a gap before {frame}"
        except TimeoutError:
            await connection.close()
        if last:
            return mirror, visits


async def test_one_nonce_a_hundred_times_at_once_from_two_windows(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with (
        stage.window(bob) as desk,
        stage.window(bob) as phone,
        stage.window(ada) as hers,
    ):
        await hers.follow(room)
        post = {"room": room, "nonce": "once-only", "body": "Once."}
        sent = [(window, await window.send("post", **post)) for window in (desk, phone) * 50]
        answers = [await w.hear(lambda f, i=i: f.get("id") == i) for w, i in sent]
        assert {answer["type"] for answer in answers} == {"ok"}
        assert len({answer["message"]["id"] for answer in answers}) == 1
        await hers.hear_message(room, "Once.")
        assert await hers.is_alive()
        assert len([f for f in hers.heard if f["type"] == "changes"]) == 1
    assert len(stage.backstage("stored", room=room)) == 1
    assert stage.backstage("damage") == []


async def test_two_windows_with_one_nonce_and_two_texts_store_one(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with stage.window(bob) as desk, stage.window(bob) as phone:
        sent = []
        for number in range(20):
            for window in (desk, phone):
                body = "From the desk." if window is desk else "From the phone."
                command = await window.send(
                    "post", room=room, nonce=f"nonce-{number:03d}", body=body
                )
                sent.append((window, command))
        answers = [await w.hear(lambda f, i=i: f.get("id") == i) for w, i in sent]
    outcomes = [answer.get("code", "ok") for answer in answers]
    assert outcomes.count("ok") == 20
    assert outcomes.count("nonce_conflict") == 20
    assert len(stage.backstage("stored", room=room)) == 20
