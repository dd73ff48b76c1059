"""Fault 7: a second process on the layer that only one process can hear."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World
from tests.fault_suite.worlds import Worlds
from tests.live.house import BASE_DIR
from tests.live.stage import free_port

NAME = "a second process without Redis"
REFUSED = 2
"""The exit code of a server that was set wrong."""
REFUSED_WITHIN_S = 120.0
"""It looks at the database and at the static files first."""


@fault(7, NAME, shape="one", expects="refuses to start, and says what to set")
async def second_process(worlds: Worlds, seed: int) -> Result:
    """It would keep half of the people, and the two halves would not hear each other."""
    result = Result(7, NAME, "one", seed)
    world = await worlds.shared("one")
    async with Workload(world, seed) as load:
        await load.acknowledge_more(10)
        since = time.monotonic()
        second = await asyncio.to_thread(_start_second, world)
        took = time.monotonic() - since
        await load.acknowledge_more(10)
        await load.settle()
        await load.judge_into(result)
    said = " ".join((second.stdout + second.stderr).split())
    result.note(f"refused after {took:.1f} s with code {second.returncode}: {said}")
    result.expect(second.returncode == REFUSED, f"it ended with {second.returncode}")
    for word in ("REDIS_URL", "DATABASE_URL"):
        result.expect(word in said, f"it does not say that {word} is to be set")
    result.expect("Traceback" not in said, "it fell over")
    return result


def _start_second(world: World) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=BASE_DIR,
        env={**world.environment, "PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=REFUSED_WITHIN_S,
        check=False,
    )
