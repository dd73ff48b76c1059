"""The shape "one" with a line of its own for bad clients, and what they cost everybody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection

from tests.fault_suite.phases import Phase
from tests.fault_suite.proxy import FaultProxy
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World
from tests.fault_suite.worlds import one_process
from tests.live.house import Someone

NARROW = 16 * 1024
"""What the kernel keeps for a socket of the line: little, so that the server feels the reader."""
SOCKETS = "chat_sockets"
FRESH_S = 2.0
"""So old may the figures be that a server tells."""
OTHERS_WITHIN_S = 1.0
ON_THE_WAY_S = 5.0
GROWTH_MIB = 60.0
"""What the server may hold more for bad company."""


def beside_a_line(folder: Path, **variables: str) -> World:
    """Start a site of one process; its ``parts`` are a fault proxy that leads to it."""
    world = one_process(folder, **variables)
    proxy = FaultProxy(("127.0.0.1", world.parts.port), buffer=NARROW)
    world.parts = proxy.__enter__()
    world.after_the_end(proxy.__exit__)
    return world


def on_the_line(world: World) -> str:
    """The address of a site at the bad end of its line."""
    return f"http://127.0.0.1:{world.parts.port}"


@asynccontextmanager
async def others_are_fine(world: World, load: Workload, result: Result) -> AsyncIterator[Phase]:
    """See that those who are not bad notice nothing, and that memory is bounded, meanwhile."""
    before = world.memory_mib
    peak = before
    during = Phase("everybody else meanwhile")

    async def watch() -> None:
        nonlocal peak
        while True:
            peak = max(peak, world.memory_mib)
            await asyncio.sleep(0.1)

    watching = asyncio.create_task(watch())
    try:
        yield during
    finally:
        during.end()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    good = [client.history for client in load.clients]
    deadline = time.monotonic() + ON_THE_WAY_S
    while during.slowest_shown_s(good) == float("inf") and time.monotonic() < deadline:
        # What was acknowledged last is still on its way.
        await asyncio.sleep(0.05)
    result.note(during.figures(good))
    result.note(f"memory {before:.0f} MiB before, {peak:.0f} MiB at most")
    shown, ack = during.slowest_shown_s(good), during.ack_p99_s(good)
    result.expect(during.acknowledged(good) > 0, "nobody else could post")
    result.expect(ack < OTHERS_WITHIN_S, f"others were acknowledged only after {ack:.2f} s")
    result.expect(shown < OTHERS_WITHIN_S, f"others were told only after {shown:.2f} s")
    result.expect(peak - before < GROWTH_MIB, f"the server grew by {peak - before:.0f} MiB")


async def talk_big(load: Workload, seconds: float, size: int = 3_900, every_s: float = 0.03) -> int:
    """Let one person post long texts for so long; how many bytes that were."""
    said, began = 0, time.monotonic()
    talker = load.clients[0]
    while time.monotonic() - began < seconds:
        await asyncio.sleep(every_s)
        if talker.waiting < 4:
            said += size
            talker.post(f"{said} ".ljust(size, "x"))
    return said


async def enter(world: World, person: Someone, room: int) -> ClientConnection:
    """Connect over the bad line, follow a room, and read no further by itself."""
    connection = await world.connect(person, max_queue=1, host="127.0.0.1", port=world.parts.port)
    await connection.recv()
    await connection.send(f'{{"type":"subscribe","id":1,"room":{room}}}')
    await connection.recv()
    return connection


async def sockets(world: World) -> int:
    """How many sockets the server believes in, by its own figures."""
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        said = (await client.get(f"{world.address}/metrics")).text
    [line] = [line for line in said.splitlines() if line.startswith(f"{SOCKETS} ")]
    return int(float(line.split()[1]))
