"""Fault 6: the disk is full; writers are told to come again, readers go on, nothing breaks."""

from __future__ import annotations

import asyncio
import time

from tests.fault_suite.faults.sqlite_locked import (
    BACK_WITHIN_S,
    READ_WITHIN_S,
    SLACK_S,
    damage_of,
)
from tests.fault_suite.phases import Phase
from tests.fault_suite.probes import Probe, page
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.small_disk import on_a_small_disk
from tests.fault_suite.store_away import judge_put_off
from tests.fault_suite.workload import Workload
from tests.fault_suite.worlds import Worlds

NAME = "the disk is full"
PROBES = 3


@fault(6, NAME, shape="one", short=True, expects="busy; reading goes on; never corrupt")
async def disk_full(worlds: Worlds, seed: int) -> Result:
    """No byte can be written for a while, in the middle of everything."""
    result = Result(6, NAME, "one", seed)
    world = await worlds.shared("one", on_a_small_disk)
    async with Workload(world, seed) as load, Probe(world, load.people[-1], load.room) as probe:
        await load.acknowledge_more(20)
        during = Phase("while it is full")
        await asyncio.to_thread(world.parts.fill, world)
        try:
            reads = [await probe.look() for _ in range(PROBES)]
            reads.append(await page(world, world.address, load.people[-1], f"/rooms/{load.room}/"))
            await asyncio.sleep(1 if worlds.is_short else 8)
        finally:
            await asyncio.to_thread(world.parts.free, world)
        during.end()
        freed = time.monotonic()
        await load.acknowledge_more(20)
        recovered = time.monotonic() - freed
        await load.settle()
        await load.judge_into(result)
    histories = [client.history for client in load.clients]
    result.note(f"{world.parts.kind}; {during.figures(histories)}")
    result.note(f"reading: {'; '.join(map(str, reads))}; back in {recovered:.1f} s")
    put_off = during.put_off(histories)
    judge_put_off(result, put_off, BACK_WITHIN_S + SLACK_S)
    result.expect(bool(put_off), "nobody was told to come again: was the disk full?")
    for read in reads:
        result.expect(read.what in ("subscribed", "200"), f"reading was answered with {read}")
        result.expect(read.seconds < READ_WITHIN_S, f"reading had to wait: {read}")
    result.expect(recovered < BACK_WITHIN_S, f"posts went on only after {recovered:.1f} s")
    result.expect((found := damage_of(world)) == "ok", f"the file is damaged: {found}")
    return result
