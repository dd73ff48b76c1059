"""Invariant 10: a slow call of the database, or readers who read nothing, delay nobody else."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.client import Socket, connect
from benchmarks.ledger import Ledger
from chat.protocol import SUBPROTOCOL
from tests.fault_suite.faults.killed import trapped
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.trapped import SLOW_S, SLOWLY
from tests.fault_suite.world import World
from tests.fault_suite.worlds import Worlds
from tests.live.house import Someone
from tests.live.window import Window

SLOW_CALL = "one database call of 2 s"
STALLED = "200 readers who read nothing under 1,000 posts"
EXPECTS = "nobody else is delayed by more than 250 ms"
NOBODY_WAITS_S = 0.25
BODY = "x" * 3_900
ROUNDS = 3
COST_MIB = 250.0
KEPT_MIB = 64.0
"""What may stay: buffers, the tail, and what the allocator keeps for the next time."""
BACK_WITHIN_S = 30.0


@fault(20, SLOW_CALL, shape="one", expects=EXPECTS)
async def slow_call(worlds: Worlds, seed: int) -> Result:
    """Eve waits for hers; what bob says meanwhile reaches ada as ever."""
    result = Result(20, SLOW_CALL, "one", seed)
    world = await worlds.shared("one", trapped)
    ada, bob, eve = await asyncio.to_thread(world.people, "ada", "bob", "eve")
    lobby = await asyncio.to_thread(world.room, ada, bob)
    trap = Path(world.environment["FAULT_TRAP"])
    slowest = []
    async with world.window(ada) as hers, world.window(bob) as his, world.window(eve) as hurt:
        await hers.follow(lobby)
        await hurt.welcome()
        for number in range(ROUNDS):
            # Of a room that nobody followed so far, the newest changes are read.
            cellar = await asyncio.to_thread(world.room, ada, eve)
            await asyncio.to_thread(world.posts, cellar, ada, "Said before.")
            await asyncio.to_thread(trap.write_text, SLOWLY)
            since = time.monotonic()
            asking = asyncio.create_task(hurt.follow(cellar))
            waits = await _talk(his, hers, lobby, f"round-{number}", SLOW_S * 0.75)
            slowest.append(max(waits))
            result.acknowledged += len(waits)
            await asking
            took = time.monotonic() - since
            result.expect(took >= SLOW_S, f"the slow call took only {took:.2f} s")
    _judge_waits(result, slowest)
    result.memory_mb = world.memory_mib
    return result


@fault(21, STALLED, shape="one", expects=f"{EXPECTS}; they cost less than 250 MiB and give it back")
async def stalled_readers(worlds: Worlds, seed: int) -> Result:
    """They take nothing from their sockets while four megabytes are said."""
    result = Result(21, STALLED, "one", seed)
    readers, posts = (40, 200) if worlds.is_short else (200, 1_000)
    world = await worlds.fresh("one")
    ada, bob, *people = await asyncio.to_thread(
        world.people, "ada", "bob", *(f"stalled {n}" for n in range(20))
    )
    room = await asyncio.to_thread(world.room, ada, bob)
    sockets = [await _stalled(world, people[n % len(people)], room) for n in range(readers)]
    before = highest = world.memory_mib
    slowest: list[float] = []
    async with world.window(ada) as hers, world.window(bob) as his:
        await hers.follow(room)
        for number in range(ROUNDS):
            waits = await _say(his, hers, room, f"round-{number}", posts // ROUNDS)
            slowest.append(max(waits))
            result.acknowledged += len(waits)
            highest = max(highest, world.memory_mib)
    for socket in sockets:
        socket.close()
    kept = await _falls(world, before + KEPT_MIB) - before
    result.memory_mb = highest
    _judge_waits(result, slowest)
    result.note(f"{readers} cost {highest - before:+.0f} MiB at most, {kept:+.0f} MiB when gone")
    result.expect(highest - before < COST_MIB, f"they cost {highest - before:.0f} MiB")
    result.expect(kept < KEPT_MIB, f"{kept:.0f} MiB were not given back")
    await worlds.discard(world)
    return result


def _judge_waits(result: Result, slowest: list[float]) -> None:
    """A machine that pauses hits one of the rounds; a reader who is waited for hits each."""
    result.slowest_shown_s = min(slowest)
    said = ", ".join(f"{wait * 1000:.0f}" for wait in slowest)
    result.note(f"the slowest of each round: {said} ms")
    result.expect(min(slowest) < NOBODY_WAITS_S, f"others waited {min(slowest) * 1000:.0f} ms")


async def _talk(his: Window, hers: Window, room: int, name: str, for_s: float) -> list[float]:
    """Say one thing after the other for a while; return how long each took to be heard."""
    started, waits = time.monotonic(), []
    while time.monotonic() - started < for_s:
        waits.append(await _one(his, hers, room, f"{name}-{len(waits)}", ""))
        await asyncio.sleep(0.01)
    return waits


async def _say(his: Window, hers: Window, room: int, name: str, count: int) -> list[float]:
    """Say so many long things one after the other; return how long each took to be heard."""
    waits = [await _one(his, hers, room, f"{name}-{n}", BODY) for n in range(count)]
    hers.heard.clear()
    return waits


async def _one(his: Window, hers: Window, room: int, nonce: str, body: str) -> float:
    text = f"{nonce} {body}".strip()
    since = time.monotonic()
    await his.say(room, text, f"{room}-{nonce}")
    await hers.hear_message(room, text)
    return time.monotonic() - since


async def _stalled(world: World, person: Someone, room: int) -> Socket:
    """Follow the room with little room in the kernels, and read no more."""
    headers = {
        "Origin": world.address,
        "Cookie": f"sessionid={person.session}",
        "Sec-WebSocket-Protocol": SUBPROTOCOL,
    }
    port = urlsplit(world.address).port
    assert port is not None
    socket = await connect(Ledger(lambda _: None), port, "/socket/", headers, narrow=True)
    await socket.frame_of("welcome")
    socket.send({"type": "subscribe", "id": 1, "room": room})
    await socket.frame_of("subscribed")
    socket.stop_reading()
    return socket


async def _falls(world: World, wanted: float) -> float:
    """Wait until the memory is down; return what it is then, or in the end."""
    deadline = time.monotonic() + BACK_WITHIN_S
    while (now := world.memory_mib) > wanted and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    return now
