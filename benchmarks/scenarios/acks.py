"""Posts that are stored and acknowledged, over WebSocket, from 64 sockets."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from benchmarks.client import Socket
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.ledger import Ledger, stamped_body
from benchmarks.load import Crowd, collector_at_rest, settled
from benchmarks.server import Server
from benchmarks.sides import Side
from benchmarks.sides.project import Project
from benchmarks.stage import Stage

SENDERS = 64
DEPTHS = (1, 8)
"""How many posts of one socket are under way at once."""
NAME = "acks"


@dataclass(frozen=True)
class Run:
    """What one window gave. ``missing``: acknowledged, and not told to a reader of all."""

    rate: float
    busy: float
    missing: int = 0

    @property
    def cpu_us(self) -> float:
        """The server's processor time for a post, in microseconds."""
        return 1e6 * self.busy / self.rate


async def measure(stage: Stage) -> list[Figure]:
    figures = []
    for depth in DEPTHS:
        async with stage.project() as project:
            ours = [await _project(project, depth, stage.seconds) for _ in range(stage.repeats)]
        async with stage.tutorial(stored=True, room_each=True) as tutorial:
            theirs = await _tutorial(tutorial, depth, stage.seconds)
        figures += _figures(f"{depth} under way a socket", ours, theirs, tutorial.name)
    return figures


def _figures(how: str, ours: list[Run], theirs: Run, opponent: str) -> list[Figure]:
    rate = Figure(NAME, f"a second, {how}", "", tuple(run.rate for run in ours), at_least(9_000))
    missing = tuple(run.missing for run in ours)
    return [
        rate,
        Figure(NAME, f"missing at a reader, {how}", "", missing, at_most(0)),
        Figure(NAME, f"server core in use, {how}", "", tuple(run.busy for run in ours)),
        Figure(NAME, f"server CPU a post, {how}", "µs", tuple(run.cpu_us for run in ours)),
        Figure(
            NAME,
            f"{opponent}: a second, {how}",
            "",
            (theirs.rate,),
            note="a row a post, a room for each sender; its own echo is the acknowledgement",
        ),
        Figure(NAME, f"times as many as {opponent}, {how}", "×", (rate.median / theirs.rate,)),
    ]


async def _project(project: Project, depth: int, seconds: float) -> Run:
    """64 members post to one room; one reader follows it and must get everything."""
    ledger = Ledger(project.read_stamps)
    reader = await project.connect(ledger, SENDERS)
    # The senders follow no room: what is measured is storing, not telling.
    senders = [await project.open(ledger, number) for number in range(SENDERS)]
    posts, rate, busy = await _window(project, project.server, senders, depth, seconds)
    await settled(Crowd(project, ledger, [reader]), posts)
    for socket in (reader, *senders):
        socket.close()
    return Run(rate, busy, posts - reader.received)


async def _tutorial(side: Side, depth: int, seconds: float) -> Run:
    ledger = Ledger(side.read_stamps)
    senders = [await side.connect(ledger, number) for number in range(SENDERS)]
    _, rate, busy = await _window(side, side.server, senders, depth, seconds)
    for socket in senders:
        socket.close()
    return Run(rate, busy)


async def _window(
    side: Side, server: Server, senders: list[Socket], depth: int, seconds: float
) -> tuple[int, float, float]:
    """Return how many posts were acknowledged, how many a second, and the core's use."""
    with collector_at_rest(), server.window() as usage:
        until = time.monotonic() + seconds
        posting = (_keep_posting(side, socket, depth, until) for socket in senders)
        posts = sum(await asyncio.gather(*posting))
    return posts, posts / usage.seconds, usage.busy


async def _keep_posting(side: Side, socket: Socket, depth: int, until: float) -> int:
    """Keep ``depth`` posts under way until then; return how many were acknowledged."""
    for _ in range(depth):
        side.post(socket, stamped_body()[1])
    under_way, acknowledged = depth, 0
    while under_way:
        if not side.is_answer(await socket.frame()):
            continue
        under_way -= 1
        acknowledged += 1
        if time.monotonic() < until:
            side.post(socket, stamped_body()[1])
            under_way += 1
    return acknowledged
