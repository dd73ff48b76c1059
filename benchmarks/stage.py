"""Where a scenario runs: how long, how often, and fresh servers for it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path

from benchmarks.server import Watch
from benchmarks.sides.project import Project, World, make_world, running_project
from benchmarks.sides.tutorial import AsgiServer, Tutorial, running_tutorial

PEOPLE = 1_000


@dataclass
class Stage:
    """``quick`` is for trying a scenario: shorter and once, too short to quote."""

    folder: Path
    quick: bool = False
    say: Callable[[str], None] = print
    watch: Watch = nullcontext
    """Looks at the project's server during each window."""
    others: list[float] = field(default_factory=list)
    """The share of a core that other work on the machine took, a window of the project each."""
    _numbers: count[int] = field(default_factory=count)

    @property
    def repeats(self) -> int:
        return 1 if self.quick else 3

    @property
    def seconds(self) -> float:
        """The length of one window of load."""
        return 3 if self.quick else 8

    @cached_property
    def world(self) -> World:
        """The world that every server of the project starts from. Made once."""
        self.say(f"making a world of {PEOPLE:,} people")
        return make_world(self._fresh("world"), PEOPLE)

    @asynccontextmanager
    async def project(self) -> AsyncIterator[Project]:
        """A fresh server of the project, on a fresh copy of the world."""
        folder = self._fresh("project")
        async with running_project(self.world, folder, self.watch) as project:
            yield project
            self.others += [usage.others for usage in project.server.usages]
            if complaints := project.server.complaints():
                self.say(complaints)
        shutil.rmtree(folder)

    @asynccontextmanager
    async def tutorial(
        self, *, on: AsgiServer = "uvicorn", stored: bool = False, room_each: bool = False
    ) -> AsyncIterator[Tutorial]:
        """A fresh server of the tutorial."""
        folder = self._fresh("tutorial")
        async with running_tutorial(folder, on=on, stored=stored, room_each=room_each) as tutorial:
            yield tutorial
        shutil.rmtree(folder)

    def _fresh(self, name: str) -> Path:
        return self.folder / f"{name}{next(self._numbers)}"
