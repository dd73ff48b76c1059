"""Fault 9: clients that never read, only send, or flood; nobody else pays for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.fault_suite.bad_company import FRESH_S, beside_a_line, enter, others_are_fine, sockets
from tests.fault_suite.line import Weather
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World
from tests.fault_suite.worlds import Worlds

TOO_SLOW, TOO_FAST, GONE, UNANSWERED = 4008, 4029, 1006, 1011
BIG = "x" * 3_900
MANY, BATCHES = 400, 4
"""So many of these are one and a half megabytes; four times that is more than a kernel keeps."""
ASKED = 200
"""Each time, the newest fifty messages are to be sent: 200 KB."""
HEADS_EVERY_S = 7.0
"""So long it takes at most until a hub finds what nobody told it."""
CLOSED_WITHIN_S = 20.0
FLOOD = "[" * 60_000
FLOOD_EVERY_S = 0.04
LIMITS = {"COMMANDS_PER_MINUTE": "120"}
Misbehave = Callable[[ClientConnection, int], Awaitable[None]]


@fault(9, "clients that never read", shape="one", expects="closed; memory bounded")
async def clients_never_reading(worlds: Worlds, seed: int) -> Result:
    """They follow a room in which megabytes are said, and take nothing of it."""
    result = Result(9, "clients that never read", "one", seed)
    world = await worlds.shared("one", beside_a_line)
    async with await _talk(world, seed) as load:
        stalled = await _enter_all(world, load, 10)
        # The line takes nothing any more: little of what is said stays in the kernels.
        await asyncio.to_thread(world.parts.blow, down=Weather(black_hole=True))
        async with others_are_fine(world, load, result):
            for _ in range(BATCHES):
                # Found by the heads and told as one frame: more than any kernel keeps for them.
                await asyncio.to_thread(world.posts, load.room, load.people[0], *[BIG] * MANY)
                await asyncio.sleep(HEADS_EVERY_S)
        await asyncio.to_thread(world.parts.calm)
        codes = await _ends(stalled)
        await load.settle()
        await load.judge_into(result)
    result.note(f"{len(stalled)} never read; closed with {codes}")
    # A ping that is not answered closes them too, where the kernels kept all of it.
    result.expect(set(codes) <= {TOO_SLOW, GONE, UNANSWERED}, f"closed with {codes}")
    return result


@fault(9, "clients that only send", shape="one", expects="closed; memory bounded")
async def clients_only_sending(worlds: Worlds, seed: int) -> Result:
    """They ask for the whole room again and again, and never take an answer."""

    async def ask(connection: ClientConnection, room: int) -> None:
        # Nothing comes through, so little of the answers stays in the kernels.
        await asyncio.to_thread(world.parts.blow, down=Weather(black_hole=True))
        for number in range(ASKED):
            await connection.send(f'{{"type":"subscribe","id":{number + 2},"room":{room}}}')
        await connection.wait_closed()

    result = Result(9, "clients that only send", "one", seed)
    world = await worlds.shared("one", beside_a_line)
    codes = await _misbehave(world, result, ask)
    result.expect(set(codes) <= {TOO_SLOW, GONE}, f"closed with {codes}")
    return result


@fault(9, "clients that flood (60 kB frames)", shape="one", expects="closed with 4029")
async def clients_flooding(worlds: Worlds, seed: int) -> Result:
    """Frames that are too large and mean nothing, many a second of each."""

    async def flood(connection: ClientConnection, room: int) -> None:
        while True:
            await connection.send(FLOOD)
            # Not as fast as this process can: those who are measured live in it too. And what
            # comes is read, or the library would not see the end.
            with suppress(TimeoutError):
                await asyncio.wait_for(connection.recv(), FLOOD_EVERY_S)

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
            await act(connection, load.room)
        except ConnectionClosed:
            return

    async with await _talk(world, result.seed) as load:
        before = await sockets(world)
        bad = await _enter_all(world, load, 5)
        async with others_are_fine(world, load, result):
            since = time.monotonic()
            acting = [asyncio.create_task(until_closed(connection)) for connection in bad]
            # First the figures have to be fresh enough to know of them at all.
            await asyncio.sleep(FRESH_S)
            while (still := await sockets(world) - before) > 0:
                if time.monotonic() - since > CLOSED_WITHIN_S:
                    break
                await asyncio.sleep(0.2)
            took = time.monotonic() - since
            for task in acting:
                task.cancel()
            await asyncio.gather(*acting, return_exceptions=True)
            # Whoever talks beside them is measured for as long as it takes to talk.
            await load.acknowledge_more(20)
        result.expect(still <= 0, f"{still} were still there after {took:.0f} s")
        await asyncio.to_thread(world.parts.calm)
        codes = await _ends(bad)
        await load.settle()
        await load.judge_into(result)
    result.note(f"closed with {codes} after {took:.1f} s")
    return codes


async def _talk(world: World, seed: int) -> Workload:
    """People who talk in a room in which a lot was said before."""
    people = await asyncio.to_thread(world.people, *(f"client {n}" for n in range(6)))
    room = await asyncio.to_thread(world.room, *people)
    await asyncio.to_thread(world.posts, room, people[0], *[BIG] * 60)
    return Workload(world, seed, people=people, room=room, posts_per_s=10)


async def _enter_all(world: World, load: Workload, count: int) -> list[ClientConnection]:
    """So many bad clients, who are no members and follow the room."""
    people = await asyncio.to_thread(world.people, *(f"mallory {n}" for n in range(count)))
    return [await enter(world, person, load.room) for person in people]


async def _ends(connections: Sequence[ClientConnection]) -> list[int]:
    """Read what is left, and return how each was closed; 0 where it was not."""
    return list(await asyncio.gather(*map(_end, connections)))


async def _end(connection: ClientConnection) -> int:
    connection.transport.resume_reading()
    try:
        async with asyncio.timeout(CLOSED_WITHIN_S):
            while True:
                await connection.recv()
    except ConnectionClosed:
        return int(connection.close_code or GONE)
    except TimeoutError:
        await connection.close()
        return 0
