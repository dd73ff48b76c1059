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
from tests.fault_suite.probes import Probe, page
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.small_disk import on_a_small_disk
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
        await asyncio.to_thread(world.parts.fill, world)
        try:
            said = [await probe.post() for _ in range(PROBES)]
            reads = [await probe.look() for _ in range(PROBES)]
            reads.append(await page(world, world.address, load.people[-1], f"/rooms/{load.room}/"))
            await asyncio.sleep(0 if worlds.is_short else 8)
        finally:
            await asyncio.to_thread(world.parts.free, world)
        freed = time.monotonic()
        await load.acknowledge_more(20)
        recovered = time.monotonic() - freed
        await load.settle()
        await load.judge_into(result)
    result.note(f"{world.parts.kind}; posts: {'; '.join(map(str, said))}")
    result.note(f"reading: {'; '.join(map(str, reads))}; back in {recovered:.1f} s")
    for answer in said:
        # A write-ahead log that has place of its own goes on for a while.
        result.expect(
            answer.says_when_to_return or answer.what == "ok",
            f"a post was answered with {answer}",
        )
        in_time = answer.seconds < BACK_WITHIN_S + SLACK_S
        result.expect(in_time, f"a post was answered late: {answer}")
    result.expect(any(answer.what != "ok" for answer in said), "the disk was not full")
    for read in reads:
        result.expect(read.what in ("subscribed", "200"), f"reading was answered with {read}")
        result.expect(read.seconds < READ_WITHIN_S, f"reading had to wait: {read}")
    result.expect(recovered < BACK_WITHIN_S, f"posts went on only after {recovered:.1f} s")
    result.expect((found := damage_of(world)) == "ok", f"the file is damaged: {found}")
    return result
