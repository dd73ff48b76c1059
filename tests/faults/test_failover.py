"""A copy of PostgreSQL that had lost its tail takes over: no client goes on as if it had not."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator

import pytest

from tests.live.stage import Stage
from tests.live.window import Window
from tests.postgresql_server import PostgresServer

NOTICED_WITHIN_S = 20.0
"""The heads are read every five seconds, after the connections are there again."""


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[Stage]:
    """A site whose PostgreSQL is about to be replaced."""
    stage = Stage(tmp_path_factory.mktemp("failover"), DATABASE_URL=postgres.create("chat"))
    try:
        stage.start()
        yield stage
    finally:
        stage.end()


def _copy(postgres: PostgresServer) -> None:
    """Keep the store as it is now."""
    postgres.stop("fast")
    # cp keeps the owner, without whom PostgreSQL does not start.
    copy = postgres.folder / "copy"
    subprocess.run(["cp", "--archive", postgres.data, copy], check=True)
    postgres.start()


def _fail_over(postgres: PostgresServer) -> None:
    """Let the copy take the place of what it was made of."""
    postgres.stop("immediate")
    postgres.data.rename(postgres.folder / "lost")
    (postgres.folder / "copy").rename(postgres.data)
    postgres.start()


async def test_every_client_starts_anew_and_nothing_of_the_lost_tail_is_left(
    stage: Stage, postgres: PostgresServer
) -> None:
    ada, bob = await asyncio.to_thread(stage.people, "ada", "bob")
    room = await asyncio.to_thread(stage.room, ada, bob)
    async with stage.window(bob) as before:
        old = await before.welcome()
        await before.follow(room)
        await before.say(room, "Kept.", "nonce-kept")
        stage.close_backstage()
        await asyncio.to_thread(_copy, postgres)
        mark = await _said_at_last(before, room, "Lost.")
        await before.hear_message(room, "Lost.")
        await asyncio.to_thread(_fail_over, postgres)
        assert await before.closed(within=NOTICED_WITHIN_S) == 4012
    async with stage.window(bob) as after:
        assert (await after.welcome())["epoch"] != old["epoch"]
        cursor = f"{old['epoch']}:{mark['revision']}"
        snapshot = (await after.follow(room, cursor))["snapshot"]
        assert [message["body"] for message in snapshot["messages"]] == ["Kept."]
        # The outbox of whoever said it has it no longer; who kept the nonce can say it again.
        assert (await after.say(room, "Lost.", "nonce-lost"))["seq"] == mark["seq"]
    assert await asyncio.to_thread(stage.backstage, "damage") == []


async def _said_at_last(window: Window, room: int, body: str) -> dict[str, int]:
    """Post as the outbox does: again while it is busy."""
    async with asyncio.timeout(30):
        while True:
            answer = await window.ask("post", room=room, body=body, nonce="nonce-lost")
            if answer["type"] == "ok":
                mark: dict[str, int] = answer["message"]
                return mark
            await asyncio.sleep(answer["retry_after"])
