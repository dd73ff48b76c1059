"""How a fault of the store is lived through: asked while it lasts, timed when it is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from tests.fault_suite.phases import Phase
from tests.fault_suite.probes import Answer, Probe, page
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World

BUSY_WITHIN_S = 8.0
"""A wait for the pool (5 s) or a statement (5 s), and what comes on top of it."""
BACK_WITHIN_S = 5.0
CONVERGED_WITHIN_S = 2.0
EXPECTS = "503 or busy, with a time, while it lasts; nothing lost; recovered in 5 s"
Strike = Callable[[Any], None]


async def live_through(
    world: World, result: Result, strike: Strike, mend: Strike, seconds: float, *, ask: bool = True
) -> None:
    """Strike the world's parts under load, wait, mend, and judge.

    ``ask``: somebody posts and opens a page meanwhile, and has to be told when to return.
    """
    addresses = [app.address for app in world.apps]
    async with (
        Workload(world, result.seed, at=addresses) as load,
        Probe(world, load.people[-1], load.room) as probe,
    ):
        await load.acknowledge_more(20)
        during = Phase("while the store is away")
        await asyncio.to_thread(strike, world.parts)
        try:
            answers = await _ask(world, probe, load) if ask else []
            await asyncio.sleep(max(0.0, seconds - during.lasted))
        finally:
            await asyncio.to_thread(mend, world.parts)
        during.end()
        await recover(load, result)
        await load.judge_into(result)
    result.note(during.figures([client.history for client in load.clients]))
    for answer in answers:
        result.expect(answer.says_when_to_return, f"somebody was answered with {answer}")
        result.expect(answer.seconds < BUSY_WITHIN_S, f"somebody was answered late: {answer}")
    if answers:
        result.note(f"told meanwhile: {'; '.join(map(str, answers))}")


async def _ask(world: World, probe: Probe, load: Workload) -> list[Answer]:
    """A post over the socket, and a page, at the same time."""
    path = f"/rooms/{load.room}/"
    return list(
        await asyncio.gather(
            probe.post(), page(world, world.apps[0].address, load.people[-1], path)
        )
    )


async def recover(load: Workload, result: Result) -> None:
    """The fault is over: see how soon everybody is heard again, and converge."""
    back = time.monotonic()
    said = {client: f"{client.history.name} is back." for client in load.clients}
    for client, body in said.items():
        client.post(body)
    await load.acknowledge_more(len(said) + 20)
    recovered = time.monotonic() - back
    converged = await load.settle()
    result.note(f"recovered in {recovered:.1f} s")
    result.expect(recovered < BACK_WITHIN_S, f"recovered only after {recovered:.1f} s")
    result.expect(converged < CONVERGED_WITHIN_S, f"converged only after {converged:.1f} s")
