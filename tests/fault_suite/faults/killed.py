"""Fault 1: the server is killed (-9), at random and at the worst moments."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from deploy.scale.cluster import Cluster
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.trapped import BEFORE_COMMIT, MOMENTS
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import Server, World, has_died, kill, start
from tests.fault_suite.worlds import UNHURRIED, Worlds, cluster_world, one_process
from tests.live.house import BASE_DIR
from tests.live.stage import until

AT_RANDOM = "server killed (-9) at random"
ONE_OF_TWO = "one of two servers killed (-9) at random"
AT_WORST = "server killed (-9) exactly before and after the commit"
AT_WORST_OF_TWO = "one of two servers killed (-9) exactly before and after the commit"
TRAPPED = ("-m", "tests.fault_suite.trapped")
EXPECTS = "nothing lost, nothing doubled, clients back in 10 s"
BACK_WITHIN_S = 10.0
CONVERGED_WITHIN_S = 2.0


@fault(1, AT_RANDOM, shape="one", seeded=True, short=True, expects=EXPECTS)
async def killed_at_random(worlds: Worlds, seed: int) -> Result:
    """Nobody serves until it is started again."""
    world = await worlds.shared("one")
    return await _killed(world, Result(1, AT_RANDOM, "one", seed), worlds)


@fault(1, ONE_OF_TWO, shape="many", seeded=True, expects=EXPECTS)
async def killed_of_two(worlds: Worlds, seed: int) -> Result:
    """The other one takes everybody."""
    world = await worlds.shared("many")
    return await _killed(world, Result(1, ONE_OF_TWO, "many", seed), worlds)


async def _killed(world: World, result: Result, worlds: Worlds) -> Result:
    """Two kills while everybody talks, at moments that nobody chose."""
    returns = []
    async with Workload(world, result.seed) as load:
        for _ in range(1 if worlds.is_short else 2):
            await load.acknowledge_more(20)
            await asyncio.sleep(load.chance.uniform(0, 0.1))
            returns.append(await _kill_and_start(load, load.chance.choice(world.apps)))
        await load.acknowledge_more(20)
        converged = await load.settle()
        await load.judge_into(result)
    result.note(f"all back within {max(returns):.2f} s of the start")
    result.expect(max(returns) < BACK_WITHIN_S, f"back only after {max(returns):.1f} s")
    result.expect(converged < CONVERGED_WITHIN_S, f"converged only after {converged:.1f} s")
    return result


async def _kill_and_start(load: Workload, app: Server) -> float:
    """Return how long after it serves again the last one was back."""
    killed = time.monotonic()
    before = [len(client.history.partings) for client in load.clients]
    await kill(app)
    await start(app)
    serves = time.monotonic()
    await load.all_connected()
    back = [
        client.history.resumed_at[-1]
        for client, count in zip(load.clients, before, strict=True)
        if len(client.history.partings) > count
    ]
    return max(0.0, max(back, default=killed) - serves)


@fault(1, AT_WORST, shape="one", expects=EXPECTS)
async def killed_at_the_commit(worlds: Worlds, seed: int) -> Result:
    """By the trap of ``trapped.py``; nobody serves until it is started again."""
    world = await worlds.shared("one", trapped)
    return await _killed_at_the_commit(world, Result(1, AT_WORST, "one", seed))


@fault(1, AT_WORST_OF_TWO, shape="many", expects=EXPECTS)
async def killed_at_the_commit_of_two(worlds: Worlds, seed: int) -> Result:
    """Whichever comes to the moment first dies; on PostgreSQL."""
    world = await worlds.fresh("many", trapped_cluster)
    result = await _killed_at_the_commit(world, Result(1, AT_WORST_OF_TWO, "many", seed))
    await worlds.discard(world)
    return result


async def _killed_at_the_commit(world: World, result: Result) -> Result:
    """Three moments: the post is not stored yet; stored and nobody knows; told but for its author.

    In the second and the third, the author asks again for what is stored already.
    """
    trap = Path(world.environment["FAULT_TRAP"])
    async with Workload(world, result.seed) as load:
        for moment in MOMENTS:
            await load.acknowledge_more(20)
            await asyncio.to_thread(trap.write_text, moment)
            await until(lambda: any(has_died(app) for app in world.apps))
            [dead] = [app for app in world.apps if has_died(app)]
            waits = await _stored_unacknowledged(load)
            if moment != BEFORE_COMMIT:
                result.note(f"killed {moment}: {waits} posts stored of which no author knew")
                result.expect(waits > 0, f"{moment}: nothing was stored, so it came too early")
            # It has died by itself; that is only noticed here.
            await kill(dead)
            await start(dead)
            await load.all_connected()
        await load.acknowledge_more(20)
        converged = await load.settle()
        await load.judge_into(result)
    result.expect(converged < CONVERGED_WITHIN_S, f"converged only after {converged:.1f} s")
    return result


def trapped(folder: Path) -> World:
    """A site of one process that dies where its trap says."""
    return one_process(folder, TRAPPED, FAULT_TRAP=str(folder / "trap"))


def trapped_cluster(folder: Path) -> World:
    """Two such processes on one store."""
    cluster = Cluster(folder=folder, settings={**UNHURRIED, "FAULT_TRAP": str(folder / "trap")})
    for app in cluster.apps:
        app.command = lambda: [sys.executable, *TRAPPED]  # type: ignore[method-assign]
        app.environment["PYTHONPATH"] = str(BASE_DIR)
    return cluster_world(cluster)


async def _stored_unacknowledged(load: Workload) -> int:
    stored = await asyncio.to_thread(load.world.stored, load.room)
    asked = {nonce for client in load.clients for nonce in client.history.unknown}
    return len(asked & {row["nonce"] for row in stored})
