"""300 posts at once from 20 senders to 20 sockets: nothing may be lost."""

from __future__ import annotations

from benchmarks.figures import Figure, at_most
from benchmarks.load import crowd_of, disorder, post, settled
from benchmarks.sides import Side
from benchmarks.stage import Stage

SOCKETS = 20
POSTS = 300
NAME = "burst"


async def measure(stage: Stage) -> list[Figure]:
    async with stage.project() as project:
        ours = [await _burst(project) for _ in range(stage.repeats)]
    async with stage.tutorial() as tutorial:
        theirs = [await _burst(tutorial) for _ in range(stage.repeats)]
    everything = POSTS * SOCKETS
    note = f"of {everything:,} deliveries; not stored"
    return [
        Figure(NAME, "lost", "", tuple(lost for lost, _ in ours), at_most(0), ours[-1][1]),
        Figure(NAME, f"{tutorial.name}: lost", "", tuple(lost for lost, _ in theirs), note=note),
    ]


async def _burst(side: Side) -> tuple[int, str]:
    """Return how many deliveries were lost, and what a decoding reader finds wrong."""
    async with crowd_of(side, SOCKETS) as crowd:
        for socket in crowd.watched():
            socket.watch()
        with side.server.window():
            for number in range(POSTS):
                post(crowd, crowd.sockets[number % SOCKETS])
            await settled(crowd, POSTS * SOCKETS)
        return POSTS * SOCKETS - crowd.ledger.deliveries, disorder(crowd)
