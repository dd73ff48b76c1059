"""What one run of one fault found."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.faults.set_full import Fates

HELD, BROKEN, LEFT_OUT = "held", "BROKEN", "left out"
NOT_YET = "not applicable yet"


@dataclass
class Result:
    """The figures of a run, and a sentence for each promise that it broke."""

    number: int
    name: str
    shape: str
    seed: int
    acknowledged: int = 0
    unknown: int = 0
    """Posts of which no client learned whether they are stored."""
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    stale: int = 0
    """Posts that somebody had more than two seconds after they were acknowledged."""
    slowest_ack_p99_ms: float = 0.0
    slowest_shown_s: float = 0.0
    """The longest time from an acknowledgement until every reader had the post."""
    converged_s: float = 0.0
    """From the end of load and faults until everybody had everything."""
    settled: bool = False
    """Whether ``converged_s`` was measured, even if it is 0."""
    memory_mb: float = 0.0
    """What the processes of the site hold together at the end, in MiB."""
    seconds: float = 0.0
    """How long the run took, with everything that had to be started for it."""
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    left_out: str = ""
    """Why it did not run, where it did not."""
    not_yet: str = ""
    """Which feature is not there yet, where the fault has nothing to strike."""
    history: list[dict[str, Any]] = field(default_factory=list, repr=False)

    def take(self, fates: Fates) -> None:
        """Take in the figures of a workload; of several, the worst and the sums."""
        self.acknowledged += fates.acknowledged
        self.unknown += fates.unknown
        self.lost += len(fates.lost) + len(fates.never_read)
        self.doubled += fates.doubled
        self.reordered += fates.reordered
        self.stale += len(fates.stale)
        self.slowest_ack_p99_ms = max(self.slowest_ack_p99_ms, fates.ack_p99_s * 1000)
        self.slowest_shown_s = max(self.slowest_shown_s, fates.slowest_shown_s)

    def expect(self, holds: bool, sentence: str) -> None:
        """Note ``sentence``, which says what is wrong, unless it holds."""
        if not holds:
            self.broken.append(sentence)

    def note(self, sentence: str) -> None:
        """Add a figure that only this fault has."""
        self.notes.append(sentence)

    @property
    def verdict(self) -> str:
        """In a word or three."""
        if self.not_yet:
            return NOT_YET
        if self.left_out:
            return LEFT_OUT
        return BROKEN if self.broken else HELD

    @property
    def is_bad(self) -> bool:
        """Whether the suite fails for it: CI has everything, so it leaves nothing out."""
        in_ci = os.environ.get("CI") == "true"
        return self.verdict == BROKEN or (self.verdict == LEFT_OUT and in_ci)

    def as_json(self) -> dict[str, Any]:
        """The figures, without the histories."""
        return {**asdict(self), "history": None, "verdict": self.verdict}
