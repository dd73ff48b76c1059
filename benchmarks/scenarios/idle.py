"""Sockets that follow a room and hear nothing: what each holds of the server's memory."""

from __future__ import annotations

import asyncio

from benchmarks.figures import Figure, at_most
from benchmarks.load import OPENING_AT_ONCE, crowd_of
from benchmarks.sides.project import Project
from benchmarks.stage import Stage

SIZES = (1_000, 5_000, 10_000)
MOST_MB = {10_000: 450}
"""What the whole process may take, its code and everything else included."""
SETTLING_S = 3
NAME = "idle"


async def measure(stage: Stage) -> list[Figure]:
    figures = []
    for size in SIZES[:1] if stage.quick else SIZES:
        async with stage.project() as project:
            each, whole = await _memory(project, size)
        what = f"memory a socket, {size:,} sockets"
        figures.append(Figure(NAME, what, "kB", (each,), at_most(35), note=_tabs(stage, size)))
        if size in MOST_MB:
            what = f"memory of the server, {size:,} sockets"
            figures.append(Figure(NAME, what, "MB", (whole,), at_most(MOST_MB[size])))
    return figures


def _tabs(stage: Stage, size: int) -> str:
    tabs = size // len(stage.world.people)
    return f"{tabs} tabs each of {len(stage.world.people):,} people" if tabs > 1 else ""


async def _memory(project: Project, size: int) -> tuple[float, float]:
    """Return the kB that a socket costs, and the MB of the whole server."""
    # What the first sockets make the server load is not theirs.
    async with crowd_of(project, OPENING_AT_ONCE):
        pass
    await asyncio.sleep(SETTLING_S)
    before = project.server.memory_kb()
    async with crowd_of(project, size):
        with project.server.window():
            await asyncio.sleep(SETTLING_S)
        now = project.server.memory_kb()
    return (now - before) / size, now / 1_000
