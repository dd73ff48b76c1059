"""What the clients felt from one moment to another: while a fault lasted, and after it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.history import History, PutOff
from tests.faults.set_full import Reader, percentile


@dataclass
class Phase:
    """A span of a run, in seconds of ``time.monotonic``."""

    name: str
    began: float = field(default_factory=time.monotonic)
    ended: float = float("inf")

    def end(self) -> None:
        """It is over now."""
        self.ended = time.monotonic()

    @property
    def lasted(self) -> float:
        """How many seconds it took."""
        return min(self.ended, time.monotonic()) - self.began

    def ack_p99_s(self, histories: Sequence[History]) -> float:
        """How long posts that were said in it took to be acknowledged, retries included."""
        return percentile(
            [
                history.answered_at[nonce] - said
                for history in histories
                for nonce, said in history.invoked_at.items()
                if self.has(said) and nonce in history.acknowledged
            ],
            0.99,
        )

    def acknowledged(self, histories: Sequence[History]) -> int:
        """How many posts were acknowledged in it."""
        return len(self._acknowledged(histories))

    def slowest_shown_s(self, histories: Sequence[History]) -> float:
        """The longest time until everybody had a post that was acknowledged in it."""
        readers = [Reader(history) for history in histories]
        slowest = 0.0
        for author in histories:
            for nonce, answered in self._acknowledged([author]).items():
                epoch = author.acknowledged_in.get(nonce, "")
                for reader in readers:
                    had = reader.had(nonce, epoch, author.acknowledged[nonce])
                    slowest = max(slowest, float("inf") if had is None else had - answered)
        return slowest

    def put_off(self, histories: Sequence[History]) -> list[PutOff]:
        """The posts that were answered in it with: not now."""
        return [off for history in histories for off in history.put_off if self.has(off.at)]

    def has(self, moment: float) -> bool:
        """Whether it was going on then."""
        return self.began <= moment < self.ended

    def figures(self, histories: Sequence[History]) -> str:
        """Everything in a line."""
        return (
            f"{self.name} ({self.lasted:.1f} s): {self.acknowledged(histories)} acknowledged, "
            f"p99 {self.ack_p99_s(histories) * 1000:.0f} ms, "
            f"shown to all within {self.slowest_shown_s(histories):.2f} s{self._told(histories)}"
        )

    def _told(self, histories: Sequence[History]) -> str:
        put_off = self.put_off(histories)
        if not put_off:
            return ""
        waited = [off.waited for off in put_off]
        return (
            f"; {len(put_off)} times told to come again ({', '.join({o.code for o in put_off})}), "
            f"after {min(waited):.1f} to {max(waited):.1f} s"
        )

    def _acknowledged(self, histories: Sequence[History]) -> dict[str, float]:
        return {
            nonce: history.answered_at[nonce]
            for history in histories
            for nonce in history.acknowledged
            if self.has(history.answered_at[nonce])
        }
