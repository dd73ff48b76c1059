"""1,000 sockets in one room, 1,000 posts a second, coalesced: a million deliveries a second."""

from __future__ import annotations

from benchmarks.figures import Figure, at_least, at_most, under
from benchmarks.load import crowd_of, disorder, steady
from benchmarks.stage import Stage

SOCKETS = 1_000
RATE = 1_000
# A million are offered, and the time runs until the last has arrived, so that a million
# can never be read; a hundredth is allowed for it.
WANTED = SOCKETS * RATE * 0.99

NAME = "fanout_1000"


async def measure(stage: Stage) -> list[Figure]:
    async with stage.project() as project, crowd_of(project, SOCKETS) as crowd:
        await steady(crowd, rate=RATE, seconds=1)
        readings = [
            await steady(crowd, rate=RATE, seconds=stage.seconds) for _ in range(stage.repeats)
        ]
        wrong = disorder(crowd)
    return [
        Figure(
            NAME,
            "deliveries a second",
            "",
            tuple(reading.a_second for reading in readings),
            at_least(WANTED),
            note=wrong,
        ),
        Figure(NAME, "p50", "ms", tuple(reading.p50 for reading in readings)),
        Figure(NAME, "p99", "ms", tuple(reading.p99 for reading in readings), under(50)),
        Figure(NAME, "lost", "", tuple(reading.lost for reading in readings), at_most(0)),
        Figure(NAME, "server CPU a delivery", "µs", tuple(r.cpu_us for r in readings)),
        Figure(NAME, "messages a frame", "", tuple(r.frame_messages for r in readings)),
        Figure(NAME, "server core in use", "", tuple(reading.busy for reading in readings)),
    ]
