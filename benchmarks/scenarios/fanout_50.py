"""1,000 sockets in one room, 50 posts a second, one frame each: what a delivery costs."""

from __future__ import annotations

from benchmarks.figures import Figure, at_least, at_most, under
from benchmarks.load import Reading, crowd_of, disorder, steady
from benchmarks.sides import Side
from benchmarks.sides.tutorial import AsgiServer
from benchmarks.stage import Stage

SOCKETS = 1_000
RATE = 50
TUTORIAL_RATE = 2
"""Posts a second that the tutorial can carry to 1,000 sockets. Its posts are not stored."""

NAME = "fanout_50"
_ASGI_SERVERS: tuple[AsgiServer, ...] = ("daphne", "uvicorn")


async def measure(stage: Stage) -> list[Figure]:
    async with stage.project() as project:
        ours, wrong = await _read(project, RATE, stage, stage.repeats)
    cost = tuple(reading.cpu_us for reading in ours)
    figures = [
        Figure(NAME, "server CPU a delivery", "µs", cost, at_most(10), note=wrong),
        Figure(NAME, "p50", "ms", tuple(reading.p50 for reading in ours)),
        Figure(NAME, "p99", "ms", tuple(reading.p99 for reading in ours), under(15)),
        Figure(NAME, "lost", "", tuple(reading.lost for reading in ours), at_most(0)),
        Figure(NAME, "server core in use", "", tuple(reading.busy for reading in ours)),
    ]
    for asgi_server in _ASGI_SERVERS:
        async with stage.tutorial(on=asgi_server) as tutorial:
            theirs, _ = await _read(tutorial, TUTORIAL_RATE, stage, 1)
        figures += _beside(figures[0].median, theirs[0], tutorial.name)
    return figures


async def _read(side: Side, rate: float, stage: Stage, repeats: int) -> tuple[list[Reading], str]:
    async with crowd_of(side, SOCKETS) as crowd:
        await steady(crowd, rate=rate, seconds=1)
        readings = [await steady(crowd, rate=rate, seconds=stage.seconds) for _ in range(repeats)]
        return readings, disorder(crowd)


def _beside(ours_us: float, theirs: Reading, name: str) -> list[Figure]:
    note = f"at {TUTORIAL_RATE} posts a second, not stored; {theirs.lost} deliveries lost"
    return [
        Figure(NAME, f"{name}: server CPU a delivery", "µs", (theirs.cpu_us,), note=note),
        Figure(NAME, f"{name}: p99", "ms", (theirs.p99,)),
        Figure(NAME, f"times cheaper than {name}", "×", (theirs.cpu_us / ours_us,), at_least(25)),
    ]
