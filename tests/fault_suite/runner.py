"""Runs faults one after the other, and sees that none takes the suite with it."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Iterable, Sequence

from tests.fault_suite.registry import Fault
from tests.fault_suite.result import Result
from tests.fault_suite.worlds import MissingPartError, Worlds

LONGEST_S = 300.0
"""A fault that has not ended by then hangs, and that is a finding too."""
Told = Callable[[Fault, Result, float], None]


async def run_fault(fault: Fault, worlds: Worlds, seed: int) -> Result:
    """Run one fault once. Whatever goes wrong is in the result."""
    try:
        async with asyncio.timeout(LONGEST_S):
            return await fault.run(worlds, seed)
    except MissingPartError as missing:
        result = fault.result(seed)
        result.left_out = str(missing)
    except Exception as error:  # noqa: BLE001 - the other faults are to be tried all the same
        result = fault.result(seed)
        result.broken.append(f"{type(error).__name__}: {error}")
        result.note(traceback.format_exc())
    return result


async def run_all(
    faults: Sequence[Fault], seeds: Iterable[int], worlds: Worlds, told: Told
) -> dict[str, list[Result]]:
    """Run every fault, the seeded ones once for each seed; return the results by key."""
    seeds = list(seeds)
    found: dict[str, list[Result]] = {}
    for fault in faults:
        for seed in seeds if fault.seeded else seeds[:1]:
            since = time.monotonic()
            result = await run_fault(fault, worlds, seed)
            found.setdefault(fault.key, []).append(result)
            told(fault, result, time.monotonic() - since)
            if result.left_out or result.not_yet:
                break
    return found
