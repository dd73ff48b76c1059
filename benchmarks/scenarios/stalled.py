"""One reader that never reads among 1,000 who do: nobody else waits, memory is bounded."""

from __future__ import annotations

from benchmarks import meter
from benchmarks.client import Socket
from benchmarks.figures import Figure, at_most, under
from benchmarks.load import Crowd, Reading, crowd_of, disorder, post, settled, steady
from benchmarks.sides.project import Project
from benchmarks.stage import Stage

SOCKETS = 1_000
RATE = 50
FILL_CHARS = 4_000
FILL_POSTS = 400
SERVER_FILL_POSTS = 20
"""So many more when the kernel is full: uvicorn itself buffers 64 KiB a socket."""
NAME = "stalled"


async def measure(stage: Stage) -> list[Figure]:
    async with stage.project() as project, crowd_of(project, SOCKETS) as crowd:
        await steady(crowd, rate=RATE, seconds=1)
        before = project.server.memory_kb()
        runs = [await _beside_a_stalled_one(project, crowd, stage) for _ in range(stage.repeats)]
        grown = project.server.memory_kb() - before
        wrong = disorder(crowd)
    readings = [reading for reading, _ in runs]
    return [
        Figure(
            NAME,
            "the others' p99",
            "ms",
            tuple(reading.p99 for reading in readings),
            under(15),
            note="; ".join(filter(None, (wrong, *(note for _, note in runs)))),
        ),
        Figure(NAME, "lost", "", tuple(reading.lost for reading in readings), at_most(0)),
        Figure(NAME, "memory grown", "MB", (grown / 1_000,), at_most(16)),
    ]


async def _beside_a_stalled_one(
    project: Project, crowd: Crowd, stage: Stage
) -> tuple[Reading, str]:
    """Read one window during which a new reader does not read; say what became of it."""
    stalled = await project.connect(crowd.ledger, 0, narrow=True)
    stalled.stop_reading()
    held = await _fill(project, crowd, stalled)
    reading = await steady(crowd, rate=RATE, seconds=stage.seconds)
    code = await stalled.hang_on(seconds=5)
    stalled.close()
    return reading, f"{held:,} bytes stuck before the window, closed with {code} after it"


async def _fill(project: Project, crowd: Crowd, stalled: Socket) -> int:
    """Post long messages until kernel and server take no more for the stalled reader."""
    held, full_for = -1, 0
    for _ in range(FILL_POSTS):
        crowd.ledger.clear()
        post(crowd, crowd.sockets[0], FILL_CHARS)
        await settled(crowd, len(crowd.sockets))
        now_held = meter.unsent_bytes(project.server.port, stalled.port)
        full_for = full_for + 1 if held > FILL_CHARS and now_held == held else 0
        if full_for == SERVER_FILL_POSTS:
            return held
        held = now_held
    raise RuntimeError("the stalled reader's line never filled up")
