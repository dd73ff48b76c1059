"""Fault 9: clients that never read, only send, or flood; nobody else pays for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.fault_suite.bad_company import beside_a_line, enter, others_are_fine, talk_big
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World
from tests.fault_suite.worlds import Worlds

TOO_SLOW, TOO_FAST, GONE = 4008, 4029, 1006
CLOSED_WITHIN_S = 20.0
FLOOD = "[" * 60_000
LIMITS = {"COMMANDS_PER_MINUTE": "120"}
Misbehave = Callable[[ClientConnection], Awaitable[None]]


@fault(9, "clients that never read", shape="one", expects="closed; memory bounded")
async def clients_never_reading(worlds: Worlds, seed: int) -> Result:
    """They follow a room in which a lot is said, and take nothing of it."""
    result = Result(9, "clients that never read", "one", seed)
    world = await worlds.shared("one", beside_a_line)
    async with Workload(world, seed) as load:
        stalled = await _enter_all(world, load, 10)
        for connection in stalled:
            connection.transport.pause_reading()
        async with others_are_fine(world, load, result):
            said = await talk_big(load, 9, every_s=0.01)
        codes = await _ends(stalled)
        await load.settle()
        await load.judge_into(result)
    result.note(f"{said // 1024} KiB said to {len(stalled)} who never read; closed with {codes}")
    # What the kernel keeps for a reader may hide it from the server for a while.
    result.expect(set(codes) <= {TOO_SLOW, GONE}, f"closed with {codes}")
    return result


@fault(9, "clients that only send", shape="one", expects="closed; memory bounded")
async def clients_only_sending(worlds: Worlds, seed: int) -> Result:
    """They ask and ask, and never take an answer."""

    async def ask(connection: ClientConnection) -> None:
        connection.transport.pause_reading()
        for number in range(1_000_000):
            await connection.send(f'{{"type":"ping","id":{number + 2}}}')

    result = Result(9, "clients that only send", "one", seed)
    world = await worlds.shared("one", beside_a_line)
    codes = await _misbehave(world, result, ask)
    result.expect(set(codes) <= {TOO_SLOW, GONE}, f"closed with {codes}")
    return result


@fault(9, "clients that flood (60 kB frames)", shape="one", expects="closed with 4029")
async def clients_flooding(worlds: Worlds, seed: int) -> Result:
    """Frames that are too large and mean nothing, as fast as they can."""

    async def flood(connection: ClientConnection) -> None:
        for _ in range(100_000):
            await connection.send(FLOOD)

    result = Result(9, "clients that flood (60 kB frames)", "one", seed)
    world = await worlds.shared("one", beside_a_line, **LIMITS)
    codes = await _misbehave(world, result, flood)
    # A reset may overtake the closing frame of a server to which more is sent.
    result.expect(set(codes) <= {TOO_FAST, GONE}, f"closed with {codes}")
    result.expect(TOO_FAST in codes, f"nobody was told why: {codes}")
    return result


async def _misbehave(world: World, result: Result, act: Misbehave) -> list[int]:
    """Let several do it beside people who talk; return the codes with which they were closed."""

    async def until_closed(connection: ClientConnection) -> None:
        try:
            await act(connection)
        except ConnectionClosed:
            return

    async with Workload(world, result.seed) as load:
        bad = await _enter_all(world, load, 5)
        async with others_are_fine(world, load, result):
            since = time.monotonic()
            acting = [asyncio.create_task(until_closed(connection)) for connection in bad]
            _, still = await asyncio.wait(acting, timeout=CLOSED_WITHIN_S)
            took = time.monotonic() - since
            for task in still:
                task.cancel()
            await asyncio.gather(*acting, return_exceptions=True)
            # Whoever talks beside them is measured for as long as it takes to talk.
            await load.acknowledge_more(20)
        result.expect(not still, f"{len(still)} were still there after {took:.0f} s")
        codes = await _ends(bad)
        await load.settle()
        await load.judge_into(result)
    result.note(f"closed with {codes} after {took:.1f} s")
    return codes


async def _enter_all(world: World, load: Workload, count: int) -> list[ClientConnection]:
    """So many bad clients, who are no members and follow the room."""
    people = await asyncio.to_thread(world.people, *(f"mallory {n}" for n in range(count)))
    return [await enter(world, person, load.room) for person in people]


async def _ends(connections: Sequence[ClientConnection]) -> list[int]:
    """Read what is left, and return how each was closed; 0 where it was not."""
    return [await _end(connection) for connection in connections]


async def _end(connection: ClientConnection) -> int:
    connection.transport.resume_reading()
    try:
        async with asyncio.timeout(CLOSED_WITHIN_S):
            while True:
                await connection.recv()
    except ConnectionClosed:
        return connection.close_code or GONE
    except TimeoutError:
        await connection.close()
        return 0
