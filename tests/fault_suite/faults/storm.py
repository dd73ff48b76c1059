"""Everything at once: bad weather on all lines and dying servers, by chance; then calm."""

from __future__ import annotations

from tests.fault_suite.lines import on_lines
from tests.fault_suite.meddler import Meddler
from tests.fault_suite.nemesis import Nemesis
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.store_away import recover
from tests.fault_suite.workload import Workload
from tests.fault_suite.worlds import Worlds

NAME = "all of it, by chance: lines to clients, Redis, PostgreSQL; servers killed"
STORM_S, SHORT_S = 10.0, 5.0


@fault(19, NAME, shape="many", seeded=True, short=True, expects="nothing lost; converges in 2 s")
async def storm(worlds: Worlds, seed: int) -> Result:
    """People post, edit and redact through it, half of them over the bad line."""
    result = Result(19, NAME, "many", seed)
    world = await worlds.shared("many", on_lines)
    nemesis = Nemesis(world, seed)
    at = [world.parts.client_address, *(app.address for app in world.apps)]
    async with Workload(world, seed, at=at, posters=4, readers=2) as load:
        await load.acknowledge_more(20)
        async with Meddler(load, seed) as meddler:
            await nemesis.rage(SHORT_S if worlds.is_short else STORM_S)
            await meddler.settle()
            await recover(load, result)
            await meddler.judge_into(result)
    result.note("; ".join(f"{what} × {count}" for what, count in sorted(nemesis.done.items())))
    return result
