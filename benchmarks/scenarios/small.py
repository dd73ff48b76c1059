"""200 sockets, 20 posts a second, stored: how long until the last reader has it."""

from __future__ import annotations

from benchmarks.figures import Figure, at_most, under
from benchmarks.load import crowd_of, disorder, steady
from benchmarks.stage import Stage

SOCKETS = 200
RATE = 20
NAME = "small"


async def measure(stage: Stage) -> list[Figure]:
    async with stage.project() as project, crowd_of(project, SOCKETS) as crowd:
        await steady(crowd, rate=RATE, seconds=1)
        readings = [
            await steady(crowd, rate=RATE, seconds=stage.seconds) for _ in range(stage.repeats)
        ]
        wrong = disorder(crowd)
    async with stage.tutorial(stored=True) as tutorial, crowd_of(tutorial, SOCKETS) as crowd:
        await steady(crowd, rate=RATE, seconds=1)
        theirs = await steady(crowd, rate=RATE, seconds=stage.seconds)
    last = Figure(
        NAME,
        "p99 to the last reader",
        "ms",
        tuple(reading.last_p99 for reading in readings),
        under(10),
        note=wrong,
    )
    return [
        last,
        Figure(NAME, "p50", "ms", tuple(reading.p50 for reading in readings)),
        Figure(NAME, "lost", "", tuple(reading.lost for reading in readings), at_most(0)),
        Figure(
            NAME,
            f"{tutorial.name}: p99 to the last reader",
            "ms",
            (theirs.last_p99,),
            note=f"a row a post; {theirs.lost} deliveries lost",
        ),
        Figure(NAME, f"times faster than {tutorial.name}", "×", (theirs.last_p99 / last.median,)),
    ]
