"""Bad weather by chance: what goes wrong next, where, and for how long, all from one seed."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from tests.fault_suite.line import CALM, Weather
from tests.fault_suite.proxy import FaultProxy
from tests.fault_suite.world import World, kill, start

SHORTEST_S, LONGEST_S = 0.2, 1.5
PAUSE_S = 0.4
MIDDLE_OF_A_FRAME = 400
"""Bytes after which a line is cut: anywhere in what a few frames take."""
Spell = tuple[str, Callable[[FaultProxy, random.Random], None]]


def _far(line: FaultProxy, chance: random.Random) -> None:
    line.blow(Weather(latency_s=chance.uniform(0.02, 0.2), jitter_s=chance.uniform(0, 0.1)))


def _hole(line: FaultProxy, chance: random.Random) -> None:
    hole = Weather(black_hole=True)
    kind = chance.randrange(3)
    line.blow(up=hole if kind != 1 else None, down=hole if kind != 0 else None)


def _narrow(line: FaultProxy, chance: random.Random) -> None:
    line.blow(Weather(bytes_per_s=8_000))


def _cut(line: FaultProxy, chance: random.Random) -> None:
    cut = Weather(cut_after=chance.randrange(MIDDLE_OF_A_FRAME))
    if chance.random() < 0.5:
        line.blow(up=cut)
    else:
        line.blow(down=cut)


def _reset(line: FaultProxy, chance: random.Random) -> None:
    line.reset()


def _refuse(line: FaultProxy, chance: random.Random) -> None:
    line.refuse()
    line.reset()


ANYWHERE: list[Spell] = [
    ("far", _far),
    ("black hole", _hole),
    ("cut in the middle", _cut),
    ("reset", _reset),
    ("refused", _refuse),
]
TO_CLIENTS: list[Spell] = [*ANYWHERE, ("8 kB/s", _narrow)]


class Nemesis:
    """Two hands: one on the line to clients, one on all that is behind the site's processes."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._chances = [random.Random(f"{seed} {hand}") for hand in ("clients", "parts")]
        self.done: Counter[str] = Counter()
        """How often each thing was done."""

    async def rage(self, seconds: float) -> None:
        """Make bad weather for so long; then everything is calm and every process runs."""
        until = time.monotonic() + seconds
        await asyncio.gather(
            self._hand(until, self._chances[0], self._at_clients),
            self._hand(until, self._chances[1], self._at_parts),
        )

    async def _hand(
        self,
        until: float,
        chance: random.Random,
        act: Callable[[random.Random], Awaitable[None]],
    ) -> None:
        while time.monotonic() < until:
            await act(chance)
            await asyncio.sleep(chance.uniform(0, PAUSE_S))

    async def _at_clients(self, chance: random.Random) -> None:
        await self._spell("clients", self._world.parts.client_line, TO_CLIENTS, chance)

    async def _at_parts(self, chance: random.Random) -> None:
        parts = self._world.parts
        match chance.choice(["redis", "postgres", "kill"]):
            case "redis":
                await self._spell("Redis", chance.choice(parts.redis_lines.each), ANYWHERE, chance)
            case "postgres":
                line = chance.choice(parts.postgres_lines.each)
                await self._spell("PostgreSQL", line, ANYWHERE, chance)
            case _:
                await self._kill(chance)

    async def _spell(
        self, where: str, line: FaultProxy, spells: list[Spell], chance: random.Random
    ) -> None:
        name, begin = chance.choice(spells)
        self.done[f"{where}: {name}"] += 1
        await asyncio.to_thread(begin, line, chance)
        try:
            await asyncio.sleep(chance.uniform(SHORTEST_S, LONGEST_S))
        finally:
            line.blow(CALM)
            line.accept()

    async def _kill(self, chance: random.Random) -> None:
        app: Any = chance.choice(self._world.apps)
        self.done["a server killed (-9)"] += 1
        await kill(app)
        await asyncio.sleep(chance.uniform(SHORTEST_S, LONGEST_S))
        await start(app)
