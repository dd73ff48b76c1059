"""Fault 1: the server is killed (-9), at random and at the worst moments."""

from __future__ import annotations

import asyncio
import time

from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import kill, start
from tests.fault_suite.worlds import Worlds

BACK_WITHIN_S = 10.0
CONVERGED_WITHIN_S = 2.0


@fault(
    1,
    "server killed (-9) at random",
    shape="one",
    seeded=True,
    short=True,
    expects="nothing lost, nothing doubled, clients back in 10 s",
)
async def killed_at_random(worlds: Worlds, seed: int) -> Result:
    """Two kills while everybody talks, at moments that nobody chose."""
    result = Result(1, "server killed (-9) at random", "one", seed)
    world = await worlds.shared("one")
    [app] = world.apps
    returns = []
    async with Workload(world, seed) as load:
        for _ in range(1 if worlds.is_short else 2):
            await load.acknowledge_more(20)
            await asyncio.sleep(load.chance.uniform(0, 0.1))
            killed = time.monotonic()
            await kill(app)
            await start(app)
            serves = time.monotonic()
            returns.append(max(0.0, await load.all_return(since=killed) - serves))
        await load.acknowledge_more(20)
        converged = await load.settle()
        await load.judge_into(result)
    result.note(f"all back within {max(returns):.2f} s of the start")
    result.expect(max(returns) < BACK_WITHIN_S, f"back only after {max(returns):.1f} s")
    result.expect(converged < CONVERGED_WITHIN_S, f"converged only after {converged:.1f} s")
    return result
