"""The database file is locked from outside: writers wait or are told so; readers go on."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

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
    async with (
        AsyncExitStack() as stack,
        stage.window(bob) as his,
        stage.window(ada) as hers,
    ):
        windows = [await stack.enter_async_context(stage.window(bob)) for _ in range(6)]
        for window in windows:
            await window.welcome()
        await hers.follow(room)
        await his.welcome()
        async with _locked(stage) as lock:
            since = time.monotonic()
            post = await his.send("post", room=room, nonce="nonce-001", body="Busy?")
            edits = [(w, await w.send("edit", message=mark["id"], body="Hm?")) for w in windows]
            # More writers wait than there are threads; nobody who reads waits behind them.
            await _reading_goes_on(hers, room)
            refusal = await his.hear(lambda frame: frame.get("id") == post)
            told = [time.monotonic() - since]
            assert (refusal["code"], refusal["retry_after"] > 0) == ("busy", True)
            assert told[0] > BUSY_AFTER_S - 0.5
            for window, edit in edits:
                answer = await window.hear(lambda frame, edit=edit: frame.get("id") == edit)
                told.append(time.monotonic() - since)
                assert answer.get("code", "ok") in ("busy", "ok")
            # Six writers in four threads are two rounds, and each waits at most for its turn
            # and then for the file: which of them does both is chance.
            assert max(told) < 2 * 2 * BUSY_AFTER_S + 2
            await asyncio.sleep(max(0.0, 8 - (time.monotonic() - since)))
            lock.execute("ROLLBACK")
        tell(
            f"with {len(edits)} edits waiting, busy was said after {told[0]:.1f} s, at the latest "
            f"after {max(told):.1f} s"
        )
        # The outbox sends it again under the same nonce, and it is stored once.
        await his.say(room, "Busy?", "nonce-001")
        await hers.hear_or_know(room, "Busy?")
    assert [row["body"] for row in stage.backstage("stored", room=room)] == ["Before.", "Busy?"]
    assert stage.backstage("damage") == []
