"""A figure: what was measured, how often, against which target, beside whom."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True)
class Target:
    """A bound and its side."""

    side: Literal["at most", "at least", "under"]
    value: float

    def holds(self, measured: float) -> bool:
        match self.side:
            case "at most":
                return measured <= self.value
            case "under":
                return measured < self.value
            case "at least":
                return measured >= self.value


def at_most(value: float) -> Target:
    return Target("at most", value)


def under(value: float) -> Target:
    return Target("under", value)


def at_least(value: float) -> Target:
    return Target("at least", value)


@dataclass(frozen=True)
class Figure:
    """One line of the result. ``values`` has one entry a repeat; the median is judged.

    ``target`` is None for what is only told. A ``ratio`` says how many times better than
    the opponent, and against whom.
    """

    scenario: str
    what: str
    unit: str
    values: tuple[float, ...]
    target: Target | None = None
    note: str = ""

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        return min(self.values), max(self.values)

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.target.holds(self.median)
