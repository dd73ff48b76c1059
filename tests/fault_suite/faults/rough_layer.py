"""Fault 4: a channel layer that drops, doubles, reorders and delays; or loses the last word."""

from __future__ import annotations

import asyncio
from pathlib import Path

from deploy.scale.cluster import Cluster
from tests.fault_suite.lines import people_on_each
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.rough_layer import Orders
from tests.fault_suite.world import World
from tests.fault_suite.worlds import UNHURRIED, Worlds, cluster_world

NAME = "a layer that drops 30 %, doubles 30 %, reorders, delays up to 3 s"
LAST = "a layer that loses just the last word"
CONVERGED_WITHIN_S = 10.0
"""By the heads in the database."""


def on_a_rough_layer(folder: Path) -> World:
    """Start a cluster whose processes hear each other badly, once they are told to."""
    orders = folder / "rough.json"
    Orders().write(orders)
    cluster = Cluster(
        folder=folder,
        settings={
            **UNHURRIED,
            "DJANGO_SETTINGS_MODULE": "tests.fault_suite.rough_settings",
            "ROUGH_LAYER": str(orders),
        },
    )
    # Whatever asks the store beside the site rings no bells that matter.
    cluster.environment.pop("DJANGO_SETTINGS_MODULE")
    return cluster_world(cluster)


def _order(world: World, orders: Orders) -> None:
    orders.write(Path(world.parts.environment["ROUGH_LAYER"]))


@fault(4, NAME, shape="many", seeded=True, expects="converges in 10 s")
async def rough_layer(worlds: Worlds, seed: int) -> Result:
    """It stays rough to the end: what it lost, the heads have to find."""
    result = Result(4, NAME, "many", seed)
    world = await worlds.shared("many", on_a_rough_layer)
    _order(world, Orders(loss=0.3, doubling=0.3, delay_s=3.0, seed=seed))
    try:
        async with people_on_each(world, seed) as load:
            await load.acknowledge_more(60 if worlds.is_short else 200)
            converged = await load.settle()
            await load.judge_into(result)
    finally:
        _order(world, Orders())
    result.expect(converged < CONVERGED_WITHIN_S, f"converged only after {converged:.1f} s")
    return result


@fault(4, LAST, shape="many", seeded=True, expects="converges in 10 s")
async def last_word_lost(worlds: Worlds, seed: int) -> Result:
    """Everything is heard but the very last post, after which nobody says anything."""
    result = Result(4, LAST, "many", seed)
    world = await worlds.shared("many", on_a_rough_layer)
    _order(world, Orders())
    waits = []
    async with people_on_each(world, seed) as load:
        await load.acknowledge_more(20)
        await load.settle()
        for number in range(1 if worlds.is_short else 3):
            _order(world, Orders(loss=1.0, seed=seed))
            load.clients[number].post(f"The last word, number {number}.")
            waits.append(await load.settle())
            _order(world, Orders())
            await asyncio.sleep(load.chance.uniform(0, 0.5))
        await load.judge_into(result)
    result.note(f"the last word was known to all after {', '.join(f'{w:.1f} s' for w in waits)}")
    result.expect(max(waits) < CONVERGED_WITHIN_S, f"converged only after {max(waits):.1f} s")
    return result
