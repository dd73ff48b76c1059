"""One process and two, on PostgreSQL and Redis: how much more two deliver."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from benchmarks.client import Socket
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.ledger import Ledger, stamped_body
from benchmarks.load import OPENING_AT_ONCE, Crowd, collector_at_rest, settled
from benchmarks.sides.cluster import running_cluster
from benchmarks.sides.project import Project
from benchmarks.slices import slice_of
from benchmarks.stage import Stage

SLICE = 0.25
"""Of a core, for each server: the rest is for database, Redis and the clients."""
READERS = 1_000
POSTERS = 128
"""They follow no room; each posts again when it was answered."""
COUNTS = (1, 2)
NAME = "processes"


@dataclass(frozen=True)
class Run:
    """One window: deliveries a second, posts a second, what was lost."""

    deliveries: float
    posts: float
    lost: int


async def measure(stage: Stage) -> list[Figure]:
    runs: dict[int, list[Run]] = {count: [] for count in COUNTS}
    for _ in range(stage.repeats):
        # In turns, so that whatever else the machine does is shared by both.
        for count in COUNTS:
            runs[count].append(await _run(stage, count))
    one, two = (median(run.deliveries for run in runs[count]) for count in COUNTS)
    ratio = Figure(NAME, "deliveries of two processes to those of one", "×", (two / one,))
    figures = [Figure(**{**vars(ratio), "target": at_least(1.6)})]
    for count in COUNTS:
        how = f"{count} of {SLICE:.0%} of a core each"
        figures += [
            Figure(NAME, f"deliveries/s, {how}", "", tuple(r.deliveries for r in runs[count])),
            Figure(NAME, f"durable posts/s, {how}", "", tuple(r.posts for r in runs[count])),
            Figure(NAME, f"lost, {how}", "", tuple(r.lost for r in runs[count]), at_most(0)),
        ]
    return figures


async def _run(stage: Stage, processes: int) -> Run:
    async with running_cluster(processes, READERS + POSTERS) as sides:
        ledger = Ledger(sides[0].read_stamps)
        readers = await _connect(sides, ledger)
        posters = [await _side(sides, n).open(ledger, READERS + n) for n in range(POSTERS)]
        with ExitStack() as slices, collector_at_rest():
            for side in sides:
                slices.enter_context(slice_of(side.server.pid, SLICE))
            began = time.monotonic()
            posting = (
                _keep_posting(_side(sides, n), poster, began + stage.seconds)
                for n, poster in enumerate(posters)
            )
            posts = sum(await asyncio.gather(*posting))
            expected = posts * READERS
            await settled(Crowd(sides[0], ledger, readers), expected)
            seconds = time.monotonic() - began
        for socket in (*readers, *posters):
            socket.close()
    return Run(ledger.deliveries / seconds, posts / seconds, expected - ledger.deliveries)


def _side(sides: list[Project], number: int) -> Project:
    return sides[number % len(sides)]


async def _connect(sides: list[Project], ledger: Ledger) -> list[Socket]:
    gate = asyncio.Semaphore(OPENING_AT_ONCE)

    async def enter(number: int) -> Socket:
        async with gate:
            return await _side(sides, number).connect(ledger, number)

    return list(await asyncio.gather(*(enter(number) for number in range(READERS))))


async def _keep_posting(side: Project, socket: Socket, until: float) -> int:
    """Post until then, one at a time; return how many were acknowledged."""
    posts = 0
    while time.monotonic() < until:
        side.post(socket, stamped_body()[1])
        while not side.is_answer(await socket.frame()):
            pass
        posts += 1
    return posts
