"""Asked to stop, the server says when to come back, loses nothing, and stops."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from tests.live.stage import Stage

LOCKED_S = 2.5
"""Longer than stopping takes, and shorter than the writer waits."""


@pytest.fixture
def own_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site of its own, on uvicorn: daphne cuts its sockets, and says so in its manual."""
    stage = Stage(tmp_path_factory.mktemp("draining"), POSTS_BURST="1000", POSTS_PER_MINUTE="1000")
    try:
        stage.start()
        yield stage
    finally:
        stage.end()


async def test_sigterm_tells_every_socket_to_come_back_and_loses_no_post(own_stage: Stage) -> None:
    stage = own_stage
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with stage.window(ada) as hers, stage.window(bob) as his:
        await hers.follow(room)
        await his.follow(room)
        acknowledged: list[str] = []
        asked = asyncio.Event()

        async def talk() -> None:
            for number in range(500):
                if number == 50:
                    stage.signal(signal.SIGTERM)
                    asked.set()
                answer = await his.ask(
                    "post", room=room, nonce=f"nonce-{number:03d}", body=f"Number {number}."
                )
                if answer["type"] == "ok":
                    acknowledged.append(f"Number {number}.")

        talking = asyncio.create_task(talk())
        await asked.wait()
        for window in (hers, his):
            assert await window.closed() == 4012
            [notice] = [frame for frame in window.heard if frame["type"] == "notice"]
            assert notice["code"] == "restart"
            assert notice["text"]
            assert 0 < notice["retry_after"] <= 5
        with pytest.raises((AssertionError, ConnectionClosed)):
            await talking
        assert await asyncio.to_thread(stage.wait) == 0
    assert "Traceback" not in stage.said
    assert len(acknowledged) >= 50
    # It comes back with everything that was acknowledged, and resumes.
    await asyncio.to_thread(stage.start)
    async with stage.window(ada) as hers:
        await hers.follow(room)
    stored = [row["body"] for row in stage.backstage("stored", room=room)]
    assert stored[: len(acknowledged)] == acknowledged
    assert len(stored) <= len(acknowledged) + 1
    assert stage.backstage("damage") == []


async def test_what_was_posted_before_the_stop_is_committed_before_the_end(
    own_stage: Stage,
) -> None:
    stage = own_stage
    ada = stage.person("ada")
    room = stage.room(ada)
    async with stage.window(ada) as window:
        await window.follow(room)
        with sqlite3.connect(stage.folder / "data" / "chat.sqlite3", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            await window.send("post", room=room, nonce="nonce-last", body="One more thing.")
            stage.signal(signal.SIGTERM)
            assert await window.closed() == 4012
            # The sockets are gone, and the writer waits for the lock still.
            await asyncio.sleep(LOCKED_S)
            other.execute("ROLLBACK")
        other.close()
    assert await asyncio.to_thread(stage.wait) == 0
    assert [row["body"] for row in stage.backstage("stored", room=room)] == ["One more thing."]
    assert "Traceback" not in stage.said


async def test_newcomers_are_not_let_in_while_it_stops(own_stage: Stage) -> None:
    stage = own_stage
    ada = stage.person("ada")
    async with stage.window(ada) as window:
        await window.welcome()
        stage.signal(signal.SIGTERM)
        assert await window.closed() == 4012
        with pytest.raises((ConnectionRefusedError, ConnectionResetError)):
            await stage.connect(ada)
    assert await asyncio.to_thread(stage.wait) == 0
