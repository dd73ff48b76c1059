"""Fault 6: somebody else holds the database file locked; writers wait, readers go on."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fault_suite.phases import Phase
from tests.fault_suite.probes import Probe, page
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.store_away import judge_put_off
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World
from tests.fault_suite.worlds import Worlds
from tests.faults.history import PutOff

BUSY_AFTER_S = 5.0
"""``STATEMENT_TIMEOUT_S`` of chatsite/databases.py: so long a writer waits. Who posts after the
first waits for the first to be refused, and then as long again."""
SLACK_S = 2.0
READ_WITHIN_S = 2.0
BACK_WITHIN_S = 5.0


@fault(6, "SQLite locked for 3 s", shape="one", expects="posts wait; reading goes on")
async def sqlite_locked_briefly(worlds: Worlds, seed: int) -> Result:
    """Shorter than anybody waits: nobody is refused."""
    result = Result(6, "SQLite locked for 3 s", "one", seed)
    put_off = await _lock_and_ask(worlds, result, 3.0)
    result.expect(not put_off, f"{len(put_off)} posts were refused")
    return result


@fault(6, "SQLite locked for 8 s", shape="one", expects="busy after 5 s; reading goes on")
async def sqlite_locked_long(worlds: Worlds, seed: int) -> Result:
    """Longer than anybody waits: they are told to come again, and lose nothing."""
    result = Result(6, "SQLite locked for 8 s", "one", seed)
    put_off = await _lock_and_ask(worlds, result, 8.0)
    result.expect(bool(put_off), "nobody was told that it is busy")
    return result


def path_of(world: World) -> Path:
    """The database file of a site of one process."""
    return Path(world.environment["DATA_DIR"]) / "chat.sqlite3"


def damage_of(world: World) -> str:
    """What SQLite itself says of the file: ``ok``, or what is wrong."""
    with sqlite3.connect(path_of(world)) as connection:
        return "; ".join(str(row[0]) for row in connection.execute("PRAGMA integrity_check"))


@asynccontextmanager
async def _locked(world: World, seconds: float) -> AsyncIterator[None]:
    """Hold the write lock for so long, as a backup tool or a forgotten shell may."""
    lock = sqlite3.connect(path_of(world), isolation_level=None)
    since = time.monotonic()
    lock.execute("BEGIN IMMEDIATE")
    try:
        yield
        await asyncio.sleep(seconds - (time.monotonic() - since))
    finally:
        lock.execute("ROLLBACK")
        lock.close()


async def _lock_and_ask(worlds: Worlds, result: Result, seconds: float) -> list[PutOff]:
    world = await worlds.shared("one")
    async with Workload(world, result.seed) as load, Probe(world, load.people[-1], load.room) as p:
        await load.acknowledge_more(20)
        during = Phase("while it is locked")
        async with _locked(world, seconds):
            reads = [await p.look() for _ in range(3)]
            reads.append(await page(world, world.address, load.people[-1], f"/rooms/{load.room}/"))
        during.end()
        back = time.monotonic()
        await load.acknowledge_more(20)
        recovered = time.monotonic() - back
        await load.settle()
        await load.judge_into(result)
    histories = [client.history for client in load.clients]
    result.note(during.figures(histories))
    result.note(f"reading: {'; '.join(map(str, reads))}; back in {recovered:.1f} s")
    put_off = Phase("ever", 0.0).put_off(histories)
    judge_put_off(result, put_off, 2 * BUSY_AFTER_S + SLACK_S)
    for read in reads:
        result.expect(read.what in ("subscribed", "200"), f"reading was answered with {read}")
        result.expect(read.seconds < READ_WITHIN_S, f"reading had to wait: {read}")
    result.expect(recovered < BACK_WITHIN_S, f"posts went on only after {recovered:.1f} s")
    result.expect((found := damage_of(world)) == "ok", f"the file is damaged: {found}")
    return put_off
