"""Fault 8: the store is restored from a backup while clients are connected."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World, kill, start
from tests.fault_suite.worlds import Worlds

ON_SQLITE = "the store restored from a backup, on SQLite"
ON_POSTGRESQL = "the store restored from a backup, on PostgreSQL"
EXPECTS = "every client resets; no phantom; what was said before the backup is there"
CONVERGED_WITHIN_S = 2.0


@fault(8, ON_SQLITE, shape="one", expects=EXPECTS)
async def restored_on_sqlite(worlds: Worlds, seed: int) -> Result:
    """By ``manage.py backup`` and ``restore``, as an operator does it."""
    world = await worlds.shared("one")
    return await _restored(world, Result(8, ON_SQLITE, "one", seed), worlds.folder)


@fault(8, ON_POSTGRESQL, shape="many", expects=EXPECTS)
async def restored_on_postgresql(worlds: Worlds, seed: int) -> Result:
    """The same with PostgreSQL's own tools below."""
    world = await worlds.shared("many")
    return await _restored(world, Result(8, ON_POSTGRESQL, "many", seed), worlds.folder)


async def _restored(world: World, result: Result, folder: Path) -> Result:
    backup = folder / f"backup-{world.shape}.tar"
    async with Workload(world, result.seed) as load:
        await load.acknowledge_more(40)
        before = time.monotonic()
        await asyncio.to_thread(world.manage, "backup", str(backup))
        # What is said from here on is going to be forgotten.
        await load.acknowledge_more(40)
        epochs = {client.epoch for client in load.clients}
        await asyncio.gather(*(kill(app) for app in world.apps))
        world.close_backstage()
        wish = ("restore", str(backup), "--replace", "--keep-sessions")
        await asyncio.to_thread(world.manage, *wish)
        await asyncio.gather(*(start(app) for app in world.apps))
        await load.all_connected()
        await load.acknowledge_more(20)
        converged = await load.settle()
        forgotten = _may_be_forgotten(load, before, epochs)
        await load.judge_into(result, forgotten=forgotten)
    stayed = [c.history.name for c in load.clients if c.epoch in epochs]
    result.expect(not stayed, f"these did not begin anew: {stayed}")
    stored = {row["nonce"] for row in await asyncio.to_thread(world.stored, load.room)}
    lost = len(forgotten - stored)
    result.note(f"{lost} posts of after the backup are forgotten, and shown by nobody")
    result.expect(lost > 0, "nothing was forgotten, so nothing was restored")
    result.expect(converged < CONVERGED_WITHIN_S, f"converged only after {converged:.1f} s")
    return result


def _may_be_forgotten(load: Workload, before: float, epochs: set[str]) -> set[str]:
    """Posts that the old store acknowledged after the backup had begun."""
    return {
        nonce
        for client in load.clients
        for nonce, epoch in client.history.acknowledged_in.items()
        if epoch in epochs and client.history.answered_at[nonce] > before
    }
