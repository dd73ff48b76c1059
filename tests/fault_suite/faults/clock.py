"""Fault 18: the wall clock of one server is an hour off."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg

from tests.fault_suite.lines import on_lines, people_on_each
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.world import World, start, stop
from tests.fault_suite.worlds import MissingPartError, Worlds

NAME = "the wall clock of one server is an hour off"
SOURCE = Path(__file__).parent.parent / "wrong_clock.c"
CONVERGED_WITHIN_S = 2.0
HOUR_S = 3600


def build(folder: Path) -> Path:
    """Compile the library that lies about the time. Raises ``MissingPartError``."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise MissingPartError("a C compiler is missing: apt-get install gcc libc6-dev")
    library = folder / "wrong_clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(SOURCE)], check=True)
    return library


def _skew_s(world: World, room: int) -> float:
    """How far apart the times of a room's messages lie."""
    with psycopg.connect(world.parts.postgres.url) as connection:
        found = connection.execute(
            "SELECT extract(epoch FROM max(created_at) - min(created_at)) FROM chat_message"
            " WHERE room_id = %s",
            [room],
        ).fetchone()
    return float(found[0]) if found else 0.0


@fault(18, NAME, shape="many", seeded=True, expects="only displayed times differ")
async def clock_off(worlds: Worlds, seed: int) -> Result:
    """One server an hour ahead, or an hour behind; the other and the database are right."""
    result = Result(18, NAME, "many", seed)
    world = await worlds.shared("many", on_lines)
    library = await asyncio.to_thread(build, world.parts.folder)
    app, process = world.apps[1], world.parts.apps[1]
    plain: dict[str, Any] = process.environment
    wrong = HOUR_S if seed % 2 else -HOUR_S
    process.environment = {**plain, "LD_PRELOAD": str(library), "WRONG_CLOCK_S": str(wrong)}
    await stop(app)
    await start(app)
    try:
        async with people_on_each(world, seed) as load:
            await load.acknowledge_more(40 if worlds.is_short else 150)
            converged = await load.settle()
            await load.judge_into(result)
            skew = await asyncio.to_thread(_skew_s, world, load.room)
    finally:
        process.environment = plain
        await stop(app)
        await start(app)
    result.note(f"stored times lie {skew:.0f} s apart")
    result.expect(skew > HOUR_S * 0.9, "the clock was not off, so nothing was tried")
    result.expect(converged < CONVERGED_WITHIN_S, f"converged only after {converged:.1f} s")
    return result
