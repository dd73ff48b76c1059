"""How a fault of the store is lived through: asked while it lasts, timed when it is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.fault_suite.lines import people_on_each
from tests.fault_suite.phases import Phase
from tests.fault_suite.probes import Answer, Probe, page
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World
from tests.faults.history import PutOff

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

    ``ask``: whoever posts or reads meanwhile has to be told when to return.
    """
    async with (
        people_on_each(world, result.seed) as load,
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
    histories = [client.history for client in load.clients]
    result.note(during.figures(histories))
    put_off = Phase("ever", 0.0).put_off(histories)
    judge_put_off(result, put_off, BUSY_WITHIN_S)
    result.expect(bool(put_off) or not ask, "nobody who posted was told to come again")
    for answer in answers:
        # What is in memory can be read all the while.
        is_fine = answer.says_when_to_return or answer.what in ("subscribed", "200")
        result.expect(is_fine, f"somebody was answered with {answer}")
        result.expect(answer.seconds < BUSY_WITHIN_S, f"somebody was answered late: {answer}")
    if answers:
        result.note(f"reading meanwhile: {'; '.join(map(str, answers))}")


async def _ask(world: World, probe: Probe, load: Workload) -> list[Answer]:
    """A look at the room over the socket, and a page, at the same time."""
    path = f"/rooms/{load.room}/"
    opening = page(world, world.apps[0].address, load.people[-1], path)
    return list(await asyncio.gather(probe.look(), opening))


def judge_put_off(result: Result, put_off: Sequence[PutOff], within: float) -> None:
    """Whoever is told to come again is told when, and in time."""
    for off in put_off:
        result.expect(off.code == "busy" and bool(off.retry_after), f"somebody was told {off}")
        result.expect(off.waited < within, f"somebody waited {off.waited:.1f} s to be told {off}")


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
