"""PostgreSQL restarts, loses connections, gives none: what is said meanwhile, and nothing lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import psycopg
import pytest

from tests.faults.commit_cutter import CommitCutter
from tests.faults.talker import Talker
from tests.figures import Tell
from tests.live.stage import Stage, until
from tests.postgresql_server import PostgresServer

BACK_WITHIN_S = 5.0
AWAY_S = 4.0
KILLS = 8
UNTHROTTLED = {
    "POSTS_BURST": "1000000",
    "POSTS_PER_MINUTE": "1000000",
    "COMMANDS_PER_MINUTE": "1000000",
}
ROLE = "the_site"
"""No superuser: those are never refused a connection."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[Stage]:
    """A site on a PostgreSQL that comes and goes."""
    postgres.execute(f"CREATE ROLE {ROLE} LOGIN")
    postgres.execute(f"CREATE DATABASE chat OWNER {ROLE}")
    url = postgres.url("chat").replace("postgres@", f"{ROLE}@")
    stage = Stage(tmp_path_factory.mktemp("away"), DATABASE_URL=url, **UNTHROTTLED)
    try:
        stage.start()
        yield stage
    finally:
        stage.end()
    assert "Traceback" not in stage.said


@asynccontextmanager
async def talking(stage: Stage, rooms: int = 2) -> AsyncIterator[list[Talker]]:
    """People who talk in rooms of their own; at the end all is stored that was acknowledged."""
    people = [stage.person("talker") for _ in range(rooms)]
    places = [stage.room(person) for person in people]
    # What is backstage would hold a connection of before.
    stage.close_backstage()
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        talkers = []
        for person, room in zip(people, places, strict=True):
            window = await stack.enter_async_context(stage.window(person))
            await window.welcome()
            talkers.append(Talker(window, room, person))
        tasks = [asyncio.create_task(talker.talk(stop)) for talker in talkers]
        await until(lambda: all(len(t.acknowledged) > 5 for t in talkers))
        try:
            yield talkers
        finally:
            stop.set()
            await asyncio.wait(tasks, timeout=30)
        assert [task.result() for task in tasks] == [None] * rooms
    for talker in talkers:
        rows = stage.backstage("stored", room=talker.room)
        assert [(row["seq"], row["body"]) for row in rows] == talker.acknowledged
    assert stage.backstage("damage") == []


async def asked(stage: Stage, talker: Talker, times: int = 1) -> tuple[list[httpx.Response], float]:
    """Ask for a page so many times at once; return the answers and how long the last took."""
    since = time.monotonic()
    async with stage.browser(talker.person) as browser:
        answers = await asyncio.gather(*(browser.client.get("/rooms/") for _ in range(times)))
    return answers, time.monotonic() - since


async def is_back(stage: Stage, talkers: list[Talker], since: float) -> float:
    """Wait until pages and posts are as before; return how long that took."""
    await until(lambda: all(talker.is_answered_after(since) for talker in talkers))
    while (await asked(stage, talkers[0]))[0][0].status_code == 503:
        assert time.monotonic() - since < 20
    return time.monotonic() - since


def are_busy(answers: list[httpx.Response]) -> bool:
    return all(a.status_code == 503 and int(a.headers["Retry-After"]) >= 1 for a in answers)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_while_it_restarts_everybody_is_told_so_and_five_seconds_later_all_is_well(
    mode: str, stage: Stage, postgres: PostgresServer, tell: Tell
) -> None:
    async with talking(stage) as talkers:
        postgres.stop(mode)
        stopped = time.monotonic()
        try:
            # More than there are threads: those who wait for a connection are few.
            answers, took = await asked(stage, talkers[0], 24)
            assert are_busy(answers)
            again, at_once = await asked(stage, talkers[0], 24)
            assert are_busy(again)
            await asyncio.sleep(max(0.0, AWAY_S - (time.monotonic() - stopped)))
        finally:
            postgres.start()
        back = await is_back(stage, talkers, time.monotonic())
    tell(
        f"{mode}: 24 pages were refused in {took:.1f} s, the next 24 in {at_once:.1f} s; a post "
        f"was answered within {max(t.slowest_s for t in talkers):.1f} s; back after {back:.1f} s"
    )
    assert all(talker.busy for talker in talkers)
    assert back < BACK_WITHIN_S


async def test_connections_killed_again_and_again_in_the_middle_of_transactions_lose_nothing(
    stage: Stage, postgres: PostgresServer, tell: Tell
) -> None:
    killed = 0
    async with talking(stage) as talkers:
        async with asyncio.timeout(60):
            while killed < KILLS:
                killed += postgres.kill_backends(f"usename = '{ROLE}' AND xact_start < now()")
                await asyncio.sleep(0.01)
        killed += postgres.kill_backends(f"usename = '{ROLE}'")
        back = await is_back(stage, talkers, time.monotonic())
    tell(f"{killed} connections killed; back after {back:.1f} s")
    assert back < BACK_WITHIN_S


async def test_where_no_connection_is_to_be_had_nobody_waits_long(
    stage: Stage, postgres: PostgresServer, tell: Tell
) -> None:
    taker = psycopg.connect(postgres.url("chat").replace("postgres@", f"{ROLE}@"))
    async with talking(stage) as talkers:
        postgres.execute(f"ALTER ROLE {ROLE} CONNECTION LIMIT 1")
        postgres.kill_backends(f"usename = '{ROLE}' AND pid <> {taker.info.backend_pid}")
        await asyncio.sleep(0.5)
        answers, took = await asked(stage, talkers[0], 24)
        assert are_busy(answers)
        postgres.execute(f"ALTER ROLE {ROLE} CONNECTION LIMIT -1")
        back = await is_back(stage, talkers, time.monotonic())
    taker.close()
    tell(f"24 pages were refused in {took:.1f} s; back after {back:.1f} s")
    assert back < BACK_WITHIN_S


async def test_a_commit_whose_answer_is_lost_is_busy_and_found_by_the_next_try(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> None:
    cutter = CommitCutter(postgres.create("cut"))
    stage = Stage(tmp_path_factory.mktemp("cut"), DATABASE_URL=await cutter.start())
    try:
        await asyncio.to_thread(stage.start)
        ada, bob = await asyncio.to_thread(stage.people, "ada", "bob")
        room = await asyncio.to_thread(stage.room, ada, bob)
        async with stage.window(ada) as hers, stage.window(bob) as his:
            await hers.follow(room)
            await his.welcome()
            cutter.armed = True
            answer = await his.ask("post", room=room, body="Once.", nonce="nonce-once")
            assert (answer["type"], answer["code"], cutter.cuts) == ("error", "busy", 1)
            [row] = await asyncio.to_thread(stage.backstage, "stored", room=room)
            again = await his.ask("post", room=room, body="Once.", nonce="nonce-once")
            assert again["message"]["seq"] == row["seq"]
            # Nobody rang for it: the heads have it.
            await hers.hear_message(room, "Once.", within=15)
        rows = await asyncio.to_thread(stage.backstage, "stored", room=room)
        assert [row["body"] for row in rows] == ["Once."]
    finally:
        stage.end()
        await cutter.stop()
