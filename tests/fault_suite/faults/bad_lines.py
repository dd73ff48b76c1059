"""Fault 9: clients whose lines are cut, half open, narrow, or broken in the middle of a frame."""

from __future__ import annotations

import asyncio
import time

from tests.fault_suite.bad_company import (
    FRESH_S,
    beside_a_line,
    on_the_line,
    others_are_fine,
    sockets,
    talk_big,
)
from tests.fault_suite.line import CALM, Weather
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.worlds import Worlds
from tests.live.stage import until

NARROW_BYTES_PER_S = 8_000
GIVEN_UP_WITHIN_S = 60.0
"""A ping every 25 s, 10 s to answer it, and what the machine and the closing take."""
CONVERGED_WITHIN_S = 2.0
BACK_WITHIN_S = 10.0


@fault(9, "clients cut (RST)", shape="one", seeded=True, short=True, expects="they resume")
async def clients_cut(worlds: Worlds, seed: int) -> Result:
    """Everybody's line is reset again and again, also in the middle of a frame."""
    result = Result(9, "clients cut (RST)", "one", seed)
    world = await worlds.shared("one", beside_a_line)
    line = world.parts
    async with Workload(world, seed, at=[on_the_line(world)]) as load:
        for _ in range(3 if worlds.is_short else 10):
            await load.acknowledge_more(5)
            if load.chance.random() < 0.5:
                cut = Weather(cut_after=load.chance.randrange(300))
                ways = {"up": cut} if load.chance.random() < 0.5 else {"down": cut}
                await asyncio.to_thread(line.blow, **ways, new=False)
                await asyncio.sleep(load.chance.uniform(0, 0.3))
                await asyncio.to_thread(line.blow, CALM)
            else:
                await asyncio.sleep(load.chance.uniform(0, 0.2))
                await asyncio.to_thread(line.reset)
        since = time.monotonic()
        await load.acknowledge_more(10)
        back = time.monotonic() - since
        converged = await load.settle()
        await load.judge_into(result)
    returns = sum(client.history.connections for client in load.clients) - len(load.clients)
    result.note(f"{returns} returns; all back in {back:.1f} s")
    result.expect(returns > 0, "nobody was cut, so nothing was tried")
    result.expect(back < BACK_WITHIN_S, f"back only after {back:.1f} s")
    result.expect(converged < CONVERGED_WITHIN_S, f"converged only after {converged:.1f} s")
    return result


@fault(9, "clients half open", shape="one", expects="given up in 35 s; they resume")
async def clients_half_open(worlds: Worlds, seed: int) -> Result:
    """They are gone without a word: the server has to find out by itself."""
    result = Result(9, "clients half open", "one", seed)
    world = await worlds.shared("one", beside_a_line)
    line = world.parts
    async with (
        Workload(world, seed) as load,
        Workload(world, seed + 1, at=[on_the_line(world)]) as gone,
        others_are_fine(world, load, result),
    ):
        await asyncio.gather(load.acknowledge_more(10), gone.acknowledge_more(10))
        before = await sockets(world)
        since = time.monotonic()
        await asyncio.to_thread(line.half_open, "client")
        gone_ones = line.held
        back = await gone.all_return(since) - since
        await asyncio.sleep(FRESH_S)
        believed = await sockets(world) - before
        # What its kernel still tries to send keeps a line half open; the server must let it go.
        while (left := await sockets(world) - before) > 0:
            if time.monotonic() - since > GIVEN_UP_WITHIN_S:
                break
            await asyncio.sleep(0.5)
        given_up = time.monotonic() - since
        await asyncio.gather(load.settle(), gone.settle())
        for company in (load, gone):
            await company.judge_into(result)
        result.expect(left <= 0, f"{left} were not given up")
    await asyncio.to_thread(line.reset)
    result.note(
        f"{gone_ones} gone; back by another way in {back:.1f} s; given up in {given_up:.1f} s"
    )
    result.expect(believed > 0, "the server believed in nobody who was gone: nothing was tried")
    return result


@fault(9, "a client at 8 kB/s", shape="one", expects="resumes; nobody else notices")
async def client_on_a_narrow_line(worlds: Worlds, seed: int) -> Result:
    """More is said than it can take; it gets the newest, or is closed, and comes back."""
    result = Result(9, "a client at 8 kB/s", "one", seed)
    world = await worlds.shared("one", beside_a_line)
    line = world.parts
    async with (
        Workload(world, seed) as load,
        Workload(
            world, seed, posters=0, readers=2, at=[on_the_line(world)], room=load.room
        ) as slow,
    ):
        async with others_are_fine(world, load, result):
            await asyncio.to_thread(line.blow, down=Weather(bytes_per_s=NARROW_BYTES_PER_S))
            said = await talk_big(load, 4 if worlds.is_short else 15)
        behind = max(client.revision for client in load.clients) - min(
            client.revision for client in slow.clients
        )
        await asyncio.to_thread(line.calm)
        await load.settle()
        calm = time.monotonic()
        await until(lambda: all(c.revision >= load.clients[0].revision for c in slow.clients), 30)
        caught_up = time.monotonic() - calm
        load.clients += slow.clients
        await load.judge_into(result)
    partings = [parting.code for client in slow.clients for parting in client.history.partings]
    result.note(
        f"{said // 1024} KiB said; {behind} changes behind at the end, closed with "
        f"{partings or 'nothing'}, caught up in {caught_up:.1f} s"
    )
    result.expect(caught_up < BACK_WITHIN_S, f"caught up only after {caught_up:.1f} s")
    return result
