"""Fault 2: the servers are restarted one after the other (SIGTERM) while people talk."""

from __future__ import annotations

import asyncio
import time

from chat.protocol import CloseCode
from deploy.scale.cluster import SETTLE_S
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import start, stop
from tests.fault_suite.worlds import Worlds

NAME = "rolling restart of two servers behind nginx"
BACK_WITHIN_S = 30.0
CONVERGED_WITHIN_S = 2.0


@fault(
    2,
    NAME,
    shape="many",
    seeded=True,
    short=True,
    expects="no failed acknowledged post, clients told when to return, all back in 30 s",
)
async def rolling_restart(worlds: Worlds, seed: int) -> Result:
    """Each server in turn drains and comes back; the other one takes everybody meanwhile."""
    result = Result(2, NAME, "many", seed)
    world = await worlds.shared("many")
    async with Workload(world, seed) as load:
        await load.acknowledge_more(20)
        began = time.monotonic()
        for app in world.apps:
            await stop(app)
            await start(app)
            # By then nginx asks it again.
            await asyncio.sleep(SETTLE_S)
        rolled = time.monotonic()
        await load.all_connected(within=BACK_WITHIN_S)
        back = max(0.0, max(c.history.resumed_at[-1] for c in load.clients) - rolled)
        await load.acknowledge_more(20)
        converged = await load.settle()
        await load.judge_into(result)
    _told_when_to_return(load, result, since=began, until=rolled)
    refused = [code for client in load.clients for code in client.history.refused.values()]
    result.expect(not refused, f"posts were refused: {refused[:5]}")
    result.expect(converged < CONVERGED_WITHIN_S, f"converged only after {converged:.1f} s")
    result.note(f"all back {back:.2f} s after the last server was")
    return result


def _told_when_to_return(load: Workload, result: Result, since: float, until: float) -> None:
    """Every line that a stopping server ended was ended with 4012 and a time to come back."""
    partings = [
        parting
        for client in load.clients
        for parting in client.history.partings
        if since <= parting.at <= until
    ]
    told = [p for p in partings if p.code == CloseCode.RESTART and p.retry_after]
    result.note(f"{len(partings)} lines ended, {len(told)} of them told when to return")
    result.expect(len(partings) >= len(load.clients), "not every client's server was restarted")
    for parting in partings:
        if parting not in told:
            result.broken.append(f"a line ended untold: {parting}")
