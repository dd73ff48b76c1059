"""Coming back after 300 messages: how long until a client has what it missed."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from benchmarks.client import RefusedError, Socket
from benchmarks.figures import Figure, under
from benchmarks.ledger import BUCKET_NS, Ledger, percentile_ms, stamped_body
from benchmarks.load import collector_at_rest
from benchmarks.sides.project import Project
from benchmarks.stage import Stage

MISSED = 300
CLIENTS = 200
RATE = 25
"""Clients that come back each second; in the storm all come in the same instant."""
NAME = "resume"


async def measure(stage: Stage) -> list[Figure]:
    async with stage.project() as project:
        cursor = await _miss(project)
        spread = [await _come_back(project, cursor, RATE) for _ in range(stage.repeats)]
        storm = [await _come_back(project, cursor, None) for _ in range(stage.repeats)]
    return [
        Figure(
            NAME,
            f"p99, {RATE} clients a second",
            "ms",
            tuple(percentile_ms(times, 99) for times in spread),
            under(100),
            note=f"from subscribe to the last byte of the answer with {MISSED} messages",
        ),
        Figure(NAME, "p50", "ms", tuple(percentile_ms(times, 50) for times in spread)),
        Figure(
            NAME,
            f"p99, {CLIENTS} clients in the same instant",
            "ms",
            tuple(percentile_ms(times, 99) for times in storm),
            note="as after a restart",
        ),
    ]


async def _miss(project: Project) -> str:
    """Post what will have been missed; return the cursor from before it."""
    ledger = Ledger(project.read_stamps)
    poster = await project.open(ledger, 0)
    poster.send({"type": "subscribe", "id": poster.next_number(), "room": project.world.room})
    stood_at = (await poster.frame_of("subscribed"))["snapshot"]["revision"]
    for _ in range(MISSED):
        project.post(poster, stamped_body()[1])
        await poster.frame_of("ok")
    poster.close()
    return f"{project.world.epoch}:{stood_at}"


async def _come_back(project: Project, cursor: str, rate: float | None) -> Counter[int]:
    """Let every client come back, ``rate`` a second or all at once; return how long it took."""
    ledger = Ledger(project.read_stamps)
    sockets = [await project.open(ledger, number) for number in range(CLIENTS)]
    with collector_at_rest(), project.server.window():
        start = time.monotonic()
        resumes = []
        for number, socket in enumerate(sockets):
            if rate is not None:
                await asyncio.sleep(max(0, start + number / rate - time.monotonic()))
            resumes.append(asyncio.create_task(_resume(project, socket, cursor)))
        times = Counter(took // BUCKET_NS for took in await asyncio.gather(*resumes))
    for socket in sockets:
        socket.close()
    return times


async def _resume(project: Project, socket: Socket, cursor: str) -> int:
    """Subscribe from the cursor; return the nanoseconds until all of the answer is there."""
    room = project.world.room
    asked = time.monotonic_ns()
    socket.send({"type": "subscribe", "id": socket.next_number(), "room": room, "cursor": cursor})
    answer = await socket.frame_of("subscribed")
    if len(answer["changes"]["messages"]) != MISSED:
        raise RefusedError(f"resumed with {len(answer['changes']['messages'])} messages")
    return socket.heard_at - asked
