"""Fault 10: every server is restarted while a thousand clients are connected."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.world import Server, World
from tests.fault_suite.worlds import Worlds
from tests.faults.set_full import percentile
from tests.live.house import BASE_DIR

ASKED = "all servers restarted (SIGTERM) under 1,000 clients"
KILLED = "the one server killed (-9) under 1,000 clients"
EXPECTS = "all resumed in 30 s; p99 of resuming under 5 s"
CLIENTS, FEW = 1_000, 150
PEOPLE = 100
BACK_WITHIN_S = 30.0
RESUMED_WITHIN_S = 5.0
CONNECTED_WITHIN_S = 120.0
LOOK_EVERY_S = 0.5


@fault(10, ASKED, shape="many", expects=EXPECTS)
async def herd_returns(worlds: Worlds, seed: int) -> Result:
    """Told when to come back, through nginx, to two processes."""
    world = await worlds.shared("many")
    return await _restart(world, Result(10, ASKED, "many", seed), worlds, lambda app: app.stop())


@fault(10, KILLED, shape="one", expects=EXPECTS)
async def herd_returns_untold(worlds: Worlds, seed: int) -> Result:
    """Told nothing: the clients' own chance spreads them."""
    world = await worlds.shared("one")
    return await _restart(world, Result(10, KILLED, "one", seed), worlds, lambda app: app.kill())


async def _restart(
    world: World, result: Result, worlds: Worlds, end: Callable[[Server], None]
) -> Result:
    count = FEW if worlds.is_short else CLIENTS
    people = await asyncio.to_thread(
        world.people, *(f"one of a crowd {n}" for n in range(min(PEOPLE, count)))
    )
    room = await asyncio.to_thread(world.room, *people)
    wish = {"origin": world.address, "room": room, "seed": result.seed, "count": count}
    crowd = Crowd({**wish, "sessions": [person.session for person in people]})
    try:
        await crowd.all(lambda member: member["connected"], CONNECTED_WITHIN_S)
        full = world.memory_mib
        await asyncio.gather(*(asyncio.to_thread(end, app) for app in world.apps))
        # What is said while they are away is what they resume with.
        await asyncio.to_thread(world.posts, room, people[0], *(f"Number {n}." for n in range(50)))
        await asyncio.gather(*(asyncio.to_thread(app.start) for app in world.apps))
        ready = time.monotonic()
        head = await asyncio.to_thread(world.head, room)
        members = await crowd.all(
            lambda member: member["connected"] and member["revision"] >= head, BACK_WITHIN_S * 2
        )
        _judge(members, ready, result)
        result.memory_mb = world.memory_mib
        result.note(f"{full:.0f} MiB before, {result.memory_mb:.0f} MiB after")
    finally:
        await crowd.end()
    result.acknowledged = 50
    result.broken += await asyncio.to_thread(world.damage)
    result.broken += world.tracebacks()
    return result


def _judge(members: list[dict[str, Any]], ready: float, result: Result) -> None:
    back = [max(0.0, member["resumed"][1] - ready) for member in members]
    # Whoever asked before the servers were ready waited for them, and not for the resume.
    resumed = [member["resumed"] for member in members]
    took = [max(0.0, done - max(asked, ready)) for asked, done in resumed]
    told = sum(member["told"] for member in members)
    resets = sum(member["resets"] for member in members)
    result.converged_s = max(back)
    result.note(
        f"{len(members)} clients back {max(back):.1f} s after the servers (p99 "
        f"{percentile(back, 0.99):.1f} s, median {percentile(back, 0.5):.1f} s); one resume took "
        f"{percentile(took, 0.99):.2f} s (p99), {max(took):.2f} s at most"
    )
    result.note(f"{told} were told when to return; {resets} resets")
    result.expect(max(back) < BACK_WITHIN_S, f"the last was back after {max(back):.1f} s")
    slow = percentile(took, 0.99)
    result.expect(slow < RESUMED_WITHIN_S, f"p99 of resuming is {slow:.1f} s")
    result.expect(not resets, f"{resets} clients got a reset, and not what changed")


class Crowd:
    """``crowd.py`` in a process of its own."""

    def __init__(self, wish: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fault_suite.crowd"],
            cwd=BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._write(wish)

    def _write(self, line: Any) -> None:
        assert self._process.stdin
        print(json.dumps(line), file=self._process.stdin, flush=True)

    def _ask(self) -> list[dict[str, Any]]:
        assert self._process.stdout
        self._write("how do you stand?")
        line = self._process.stdout.readline()
        assert line, "the crowd broke down; its traceback is above"
        members: list[dict[str, Any]] = json.loads(line)
        return members

    async def all(
        self, wanted: Callable[[dict[str, Any]], bool], within: float
    ) -> list[dict[str, Any]]:
        """Wait until every member stands as wanted, and return how they stand."""
        deadline = time.monotonic() + within
        while True:
            members = await asyncio.to_thread(self._ask)
            missing = [member for member in members if not wanted(member)]
            if not missing:
                return members
            assert time.monotonic() < deadline, (
                f"{len(missing)} of {len(members)} clients are missing: {missing[0]}"
            )
            await asyncio.sleep(LOOK_EVERY_S)

    async def end(self) -> None:
        """Hang up."""
        assert self._process.stdin
        self._process.stdin.close()
        await asyncio.to_thread(self._process.wait, 20)
