"""Fault 5: the line between the site and PostgreSQL is slow, silent, cut; even within an answer."""

from __future__ import annotations

import asyncio

from tests.fault_suite.line import CALM, Weather
from tests.fault_suite.lines import on_lines, people_on_each
from tests.fault_suite.phases import Phase
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.store_away import EXPECTS, live_through, recover
from tests.fault_suite.worlds import Worlds

COMMIT_BYTES = 600
"""About what a batch of posts sends and hears: a cut falls anywhere in it."""


@fault(5, "PostgreSQL far away: 5 to 15 ms each way", shape="many", seeded=True, expects=EXPECTS)
async def postgres_far(worlds: Worlds, seed: int) -> Result:
    """Each statement of each transaction costs a round trip."""
    result = Result(5, "PostgreSQL far away: 5 to 15 ms each way", "many", seed)
    world = await worlds.shared("many", on_lines)
    async with people_on_each(world, seed) as load:
        await load.acknowledge_more(20)
        during = Phase("while it is far away")
        world.parts.postgres_lines.blow(Weather(latency_s=0.005, jitter_s=0.01))
        try:
            await asyncio.sleep(3 if worlds.is_short else 8)
        finally:
            world.parts.postgres_lines.blow(CALM)
        during.end()
        await recover(load, result)
        await load.judge_into(result)
    result.note(during.figures([client.history for client in load.clients]))
    return result


@fault(5, "the way to PostgreSQL is a black hole", shape="many", expects=EXPECTS)
async def postgres_unreachable(worlds: Worlds, seed: int) -> Result:
    """Nothing comes back, and nobody is told; then everything that waited arrives."""
    result = Result(5, "the way to PostgreSQL is a black hole", "many", seed)
    world = await worlds.shared("many", on_lines)
    await live_through(
        world,
        result,
        lambda parts: parts.postgres_lines.blow(Weather(black_hole=True)),
        lambda parts: parts.postgres_lines.blow(CALM),
        5.0 if worlds.is_short else 12.0,
    )
    return result


@fault(
    5, "answers of PostgreSQL lost: was it committed?", shape="many", seeded=True, expects=EXPECTS
)
async def commits_unknown(worlds: Worlds, seed: int) -> Result:
    """Cut after so many bytes, up or down: among others, between a commit and its answer."""
    result = Result(5, "answers of PostgreSQL lost: was it committed?", "many", seed)
    world = await worlds.shared("many", on_lines)
    lines = world.parts.postgres_lines
    async with people_on_each(world, seed) as load:
        await load.acknowledge_more(20)
        before = lines.cut
        for _ in range(8 if worlds.is_short else 30):
            cut = Weather(cut_after=load.chance.randrange(COMMIT_BYTES))
            if load.chance.random() < 0.5:
                lines.blow(down=cut, new=False)
            else:
                lines.blow(up=cut, new=False)
            await asyncio.sleep(load.chance.uniform(0.1, 0.4))
            lines.blow(CALM)
        cuts = lines.cut - before
        await recover(load, result)
        await load.judge_into(result)
    result.note(f"{cuts} connections were cut in the middle of something")
    result.expect(cuts > 0, "no connection was cut, so nothing was tried")
    return result


@fault(5, "connections to PostgreSQL reset", shape="many", seeded=True, expects=EXPECTS)
async def postgres_reset(worlds: Worlds, seed: int) -> Result:
    """As by a router that forgets: all connections at once, several times."""
    result = Result(5, "connections to PostgreSQL reset", "many", seed)
    world = await worlds.shared("many", on_lines)
    async with people_on_each(world, seed) as load:
        for _ in range(3 if worlds.is_short else 8):
            await load.acknowledge_more(5)
            await asyncio.sleep(load.chance.uniform(0, 0.3))
            await asyncio.to_thread(world.parts.postgres_lines.reset)
        await recover(load, result)
        await load.judge_into(result)
    return result
