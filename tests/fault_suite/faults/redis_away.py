"""Fault 3: Redis is killed, silent, or throws its listeners out; the site talks on."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from tests.fault_suite.line import CALM, Weather
from tests.fault_suite.lines import on_lines, people_on_each
from tests.fault_suite.phases import Phase
from tests.fault_suite.readiness import readiness
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.worlds import Worlds

ACKNOWLEDGED_WITHIN_S = 1.0
"""All but one of a hundred posts, while Redis is away too."""
TOLD_WITHIN_S = 10.0
"""By the heads in the database, while nothing rings."""
BACK_WITHIN_S = 2.0
"""So soon after Redis is back everything is told at once again."""
EXPECTS = (
    "posts acknowledged in under 1 s (p99); told within 10 s by the heads, at once again 2 s "
    "after Redis is back; health says degraded"
)
Strike = Callable[[Any], None]


@fault(3, "Redis killed and back in 0.3 s", shape="many", seeded=True, short=True, expects=EXPECTS)
async def redis_restarted(worlds: Worlds, seed: int) -> Result:
    """What it held is gone, and everybody has to subscribe again."""
    result = Result(3, "Redis killed and back in 0.3 s", "many", seed)
    return await _away(worlds, result, lambda parts: parts.redis.kill(), _start, 0.3)


@fault(3, "Redis down for 30 s", shape="many", expects=EXPECTS)
async def redis_down(worlds: Worlds, seed: int) -> Result:
    """Nobody listens where it was."""
    result = Result(3, "Redis down for 30 s", "many", seed)
    seconds = 5.0 if worlds.is_short else 30.0
    return await _away(worlds, result, lambda parts: parts.redis.kill(), _start, seconds)


@fault(3, "Redis takes everything and never answers", shape="many", expects=EXPECTS)
async def redis_stopped(worlds: Worlds, seed: int) -> Result:
    """SIGSTOP: its kernel takes connections and bytes, and it does nothing with them."""
    result = Result(3, "Redis takes everything and never answers", "many", seed)

    def stop(parts: Any) -> None:
        os.kill(parts.redis.pid, signal.SIGSTOP)

    def go_on(parts: Any) -> None:
        os.kill(parts.redis.pid, signal.SIGCONT)

    return await _away(worlds, result, stop, go_on, 5.0 if worlds.is_short else 15.0)


@fault(3, "the way to Redis is a black hole", shape="many", expects=EXPECTS)
async def redis_unreachable(worlds: Worlds, seed: int) -> Result:
    """A route that is gone: what is sent waits, and nobody is told."""
    result = Result(3, "the way to Redis is a black hole", "many", seed)
    return await _away(
        worlds,
        result,
        lambda parts: parts.redis_lines.blow(Weather(black_hole=True)),
        lambda parts: parts.redis_lines.blow(CALM),
        5.0 if worlds.is_short else 15.0,
    )


@fault(3, "Redis throws its listeners out each second", shape="many", expects=EXPECTS)
async def redis_listeners_killed(worlds: Worlds, seed: int) -> Result:
    """``CLIENT KILL TYPE pubsub``: what was said while a listener was out is gone."""
    result = Result(3, "Redis throws its listeners out each second", "many", seed)
    world = await worlds.shared("many", on_lines)
    async with people_on_each(world, seed) as load:
        during = Phase("while they are thrown out")
        for _ in range(4 if worlds.is_short else 15):
            await asyncio.sleep(1)
            thrown = await asyncio.to_thread(
                world.parts.redis.cli, "CLIENT", "KILL", "TYPE", "pubsub"
            )
            result.expect(int(thrown) > 0, "nobody listens to Redis")
        during.end()
        await asyncio.sleep(BACK_WITHIN_S)
        await _afterwards(load, result, during)
    return result


def _start(parts: Any) -> None:
    parts.redis.start()


async def _away(
    worlds: Worlds, result: Result, strike: Strike, mend: Strike, seconds: float
) -> Result:
    """Strike, wait, mend; judge each of the phases by its own limits."""
    world = await worlds.shared("many", on_lines)
    async with people_on_each(world, result.seed) as load:
        await load.acknowledge_more(20)
        during = Phase("while Redis is away")
        await asyncio.to_thread(strike, world.parts)
        try:
            await asyncio.sleep(seconds)
            if seconds > 1:
                await _says_degraded(world.apps, result)
        finally:
            await asyncio.to_thread(mend, world.parts)
        during.end()
        await asyncio.sleep(BACK_WITHIN_S)
        await _afterwards(load, result, during)
    return result


async def _says_degraded(apps: Any, result: Result) -> None:
    for app in apps:
        said = await readiness(app.address)
        result.note(f"ready? {said}")
        result.expect(said.is_degraded, f"{app.address} does not say that it is degraded: {said}")


async def _afterwards(load: Workload, result: Result, during: Phase) -> None:
    after = Phase("after it")
    began = time.monotonic()
    while time.monotonic() - began < BACK_WITHIN_S:
        await load.acknowledge_more(10)
    await load.settle()
    after.end()
    await load.judge_into(result)
    histories = [client.history for client in load.clients]
    for phase in (during, after):
        result.note(phase.figures(histories))
        ack = phase.ack_p99_s(histories)
        result.expect(
            ack < ACKNOWLEDGED_WITHIN_S, f"{phase.name}: acknowledged only after {ack:.2f} s"
        )
    told, told_after = (phase.slowest_shown_s(histories) for phase in (during, after))
    result.expect(told < TOLD_WITHIN_S, f"{during.name}: told only after {told:.2f} s")
    result.expect(told_after < BACK_WITHIN_S, f"{after.name}: told only after {told_after:.2f} s")
