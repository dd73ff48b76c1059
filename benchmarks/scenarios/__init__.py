"""One scenario a module: ``measure`` takes a stage and returns its figures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from benchmarks.figures import Figure
from benchmarks.scenarios import (
    acks,
    burst,
    fanout_50,
    fanout_1000,
    idle,
    page,
    processes,
    resume,
    small,
    stalled,
)
from benchmarks.stage import Stage

SCENARIOS: dict[str, Callable[[Stage], Awaitable[list[Figure]]]] = {
    "fanout_50": fanout_50.measure,
    "fanout_1000": fanout_1000.measure,
    "burst": burst.measure,
    "stalled": stalled.measure,
    "small": small.measure,
    "acks": acks.measure,
    "page": page.measure,
    "idle": idle.measure,
    "resume": resume.measure,
    "processes": processes.measure,
}
