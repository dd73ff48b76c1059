"""Runs faults, and sees that none takes the suite with it."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence

from tests.fault_suite.registry import Fault
from tests.fault_suite.result import Result
from tests.fault_suite.worlds import MissingPartError, Worlds

LONGEST_S = 300.0
"""A fault that has not ended by then hangs, and that is a finding too."""
Told = Callable[[Fault, Result], None]


async def run_fault(fault: Fault, worlds: Worlds, seed: int) -> Result:
    """Run one fault once. Whatever goes wrong is in the result."""
    began = time.monotonic()
    result = await _run(fault, worlds, seed)
    result.seconds = time.monotonic() - began
    return result


async def _run(fault: Fault, worlds: Worlds, seed: int) -> Result:
    try:
        async with asyncio.timeout(LONGEST_S):
            return await fault.run(worlds, seed)
    except MissingPartError as missing:
        result = fault.result(seed)
        result.left_out = str(missing)
    except Exception as error:  # noqa: BLE001 - the other faults are to be tried all the same
        result = fault.result(seed)
        result.broken.append(f"{type(error).__name__}: {error}"[:2000])
        result.note(traceback.format_exc())
        result.history = getattr(error, "histories", [])
        # Who knows in which state it left them.
        await asyncio.to_thread(worlds.end_all)
    return result


async def run_all(
    faults: Sequence[Fault],
    seeds: Sequence[int],
    once: Worlds,
    lanes: Sequence[Worlds],
    told: Told,
) -> dict[str, list[Result]]:
    """Run every fault, the seeded ones once for each seed; return the results by key.

    What runs ``once`` runs alone, for the sake of its figures; then seeded runs share the
    machine, one in each of the ``lanes``.
    """
    found: dict[str, list[Result]] = {fault.key: [] for fault in faults}

    async def run_one(fault: Fault, seed: int, worlds: Worlds) -> None:
        if any(result.left_out or result.not_yet for result in found[fault.key]):
            return
        result = await run_fault(fault, worlds, seed)
        found[fault.key].append(result)
        told(fault, result)

    async def run_lane(worlds: Worlds) -> None:
        while waiting:
            fault, seed = waiting.popleft()
            await run_one(fault, seed, worlds)

    for fault in faults:
        if not fault.seeded:
            await run_one(fault, seeds[0], once)
    await asyncio.to_thread(once.end_all)
    waiting = deque((fault, seed) for fault in faults if fault.seeded for seed in seeds)
    await asyncio.gather(*(run_lane(worlds) for worlds in lanes))
    return found
