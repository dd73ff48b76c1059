"""The database file is locked from outside: writers wait or are told so; readers go on."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.figures import Tell
from tests.live.stage import Stage
from tests.live.window import Window

BUSY_AFTER_S = 5.0
"""``STATEMENT_TIMEOUT_S`` of chatsite/databases.py: so long a writer waits."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site of its own: its database is locked."""
    stage = Stage(tmp_path_factory.mktemp("locked"))
    try:
        stage.start()
        yield stage
    finally:
        stage.end()


@asynccontextmanager
async def _locked(stage: Stage) -> AsyncIterator[sqlite3.Connection]:
    """Hold the write lock, as a backup tool or a forgotten shell may."""
    connection = sqlite3.connect(stage.folder / "data" / "chat.sqlite3", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.close()


async def _reading_goes_on(window: Window, room: int) -> None:
    since = time.monotonic()
    assert await window.is_alive()
    assert (await window.follow(room))["snapshot"]["last_seq"] >= 1
    assert time.monotonic() - since < 2.0


async def test_locked_for_three_seconds_a_post_waits_and_is_stored(
    stage: Stage, tell: Tell
) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    stage.posts(room, ada, "Before.")
    async with stage.window(bob) as his, stage.window(ada) as hers:
        await hers.welcome()
        await his.welcome()
        async with _locked(stage) as lock:
            since = time.monotonic()
            sent = await his.send("post", room=room, nonce="nonce-001", body="Patience.")
            await _reading_goes_on(hers, room)
            await _reading_goes_on(his, room)
            await asyncio.sleep(3 - (time.monotonic() - since))
            assert not any(frame.get("id") == sent for frame in his.heard)
            lock.execute("ROLLBACK")
        answer = await his.hear(lambda frame: frame.get("id") == sent)
        tell(f"stored {time.monotonic() - since:.1f} s after it was said")
        assert answer["type"] == "ok"
        await hers.hear_message(room, "Patience.")


async def test_locked_for_eight_seconds_it_says_that_it_is_busy_and_recovers(
    stage: Stage, tell: Tell
) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    [mark] = stage.posts(room, bob, "Before.")
    async with stage.window(bob) as his, stage.window(ada) as hers, stage.browser(ada) as browser:
        await hers.follow(room)
        await his.welcome()
        async with _locked(stage) as lock:
            since = time.monotonic()
            sent = [
                await his.send("post", room=room, nonce="nonce-001", body="Busy?"),
                await his.send("edit", message=mark["id"], body="Edited?"),
                await hers.send("redact", message=mark["id"]),
            ]
            refusals = [
                await his.hear(lambda frame: frame.get("id") == sent[0]),
                await his.hear(lambda frame: frame.get("id") == sent[1]),
                await hers.hear(lambda frame: frame.get("id") == sent[2]),
            ]
            waited = time.monotonic() - since
            assert [refusal["code"] for refusal in refusals] == ["busy"] * 3
            assert all(refusal["retry_after"] for refusal in refusals)
            assert waited > BUSY_AFTER_S - 0.5
            await _reading_goes_on(hers, room)
            page = await browser.client.get(f"/api/rooms/{room}/messages/")
            assert page.json()["messages"][0]["body"] == "Before."
            await asyncio.sleep(max(0.0, 8 - (time.monotonic() - since)))
            lock.execute("ROLLBACK")
        tell(f"busy was said after {waited:.1f} s")
        # The outbox sends it again under the same nonce, and it is stored once.
        await his.say(room, "Busy?", "nonce-001")
        await hers.hear_message(room, "Busy?")
    assert [row["body"] for row in stage.backstage("stored", room=room)] == ["Before.", "Busy?"]
    assert stage.backstage("damage") == []
