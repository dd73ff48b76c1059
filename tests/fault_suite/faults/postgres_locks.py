"""Fault 5: rows and tables of PostgreSQL are locked from outside; who else is held up?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from tests.fault_suite.lines import on_lines
from tests.fault_suite.phases import Phase
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.store_away import BACK_WITHIN_S, EXPECTS, judge_put_off, live_through
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World
from tests.fault_suite.worlds import Worlds

BUSY_WITHIN_S = 5.0
"""``LOCK_TIMEOUT_S`` of chatsite/databases.py twice, since who comes second waits for the first
to be refused; and what comes on top of it."""
OTHERS_WITHIN_S = 1.0


@fault(
    5,
    "a room's row locked for 10 s",
    shape="many",
    expects="busy in that room; no other room notices",
)
async def room_locked(worlds: Worlds, seed: int) -> Result:
    """Two rooms with people in both processes; one of them cannot be written to."""
    result = Result(5, "a room's row locked for 10 s", "many", seed)
    world = await worlds.shared("many", on_lines)
    at = [app.address for app in world.apps]
    async with (
        Workload(world, seed, at=at, posters=2, readers=2, posts_per_s=10) as locked,
        Workload(world, seed + 1, at=at, posters=2, readers=2, posts_per_s=10) as other,
    ):
        await asyncio.gather(locked.acknowledge_more(10), other.acknowledge_more(10))
        during = Phase("in the other room meanwhile")
        async with _row_locked(world, locked.room):
            await asyncio.sleep(5.0 if worlds.is_short else 10.0)
        during.end()
        after = Phase("in the locked room, from then on")
        await locked.acknowledge_more(10, within=20)
        recovered = after.lasted
        await asyncio.gather(locked.settle(), other.settle())
        for load in (locked, other):
            await load.judge_into(result)
    others = [client.history for client in other.clients]
    put_off = during.put_off([client.history for client in locked.clients])
    result.note(during.figures(others))
    result.note(
        f"in the locked room: {len(put_off)} told to come again, after at most "
        f"{max((off.waited for off in put_off), default=0):.1f} s; back in {recovered:.1f} s"
    )
    ack = during.ack_p99_s(others)
    result.expect(during.acknowledged(others) > 0, "nobody in the other room could post")
    result.expect(ack < OTHERS_WITHIN_S, f"the other room had to wait {ack:.1f} s")
    result.expect(bool(put_off), "nobody in the locked room was told to come again")
    judge_put_off(result, put_off, BUSY_WITHIN_S)
    result.expect(recovered < BACK_WITHIN_S, f"recovered only after {recovered:.1f} s")
    return result


@asynccontextmanager
async def _row_locked(world: World, room: int) -> AsyncIterator[None]:
    connection = await psycopg.AsyncConnection.connect(world.parts.postgres.url)
    async with connection:
        await connection.execute("SELECT 1 FROM chat_room WHERE id = %s FOR UPDATE", [room])
        yield
        await connection.rollback()


@fault(5, "the pool exhausted: all wait for a lock", shape="many", expects=EXPECTS)
async def pool_exhausted(worlds: Worlds, seed: int) -> Result:
    """The table of people is locked, so whatever takes a connection keeps it."""
    result = Result(5, "the pool exhausted: all wait for a lock", "many", seed)
    world = await worlds.shared("many", on_lines)
    connection = psycopg.connect(world.parts.postgres.url)
    try:
        await live_through(
            world,
            result,
            lambda parts: connection.execute("LOCK TABLE chat_user IN ACCESS EXCLUSIVE MODE"),
            lambda parts: connection.rollback(),
            4.0 if worlds.is_short else 10.0,
        )
    finally:
        connection.close()
    return result
