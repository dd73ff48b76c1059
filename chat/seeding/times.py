"""When things were said: conversations here and there over three weeks, the newest just now."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

SPAN = timedelta(days=21)
LAST = timedelta(minutes=4)
"""Between the newest message and the end of the time."""
MOST_BETWEEN_LINES_S = 240
LEAST_BETWEEN_LINES_S = 6


class Clock:
    """Hands out times from a source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def times(self, begins: Sequence[bool], until: datetime) -> list[datetime]:
        """Return an ascending time for each message; ``begins`` says where talks begin.

        Within a talk people answer in seconds or minutes; what remains of ``SPAN`` is
        the silence between talks.
        """
        answers = [0.0 if first else self._answer() for first in begins]
        silences = [self._chance.expovariate(1.0) if first else 0.0 for first in begins]
        talked = sum(answers)
        left = max(SPAN.total_seconds() - talked, talked)
        scale = left / (sum(silences) or 1.0)
        moment = until - LAST - timedelta(seconds=talked + left)
        times = []
        for answer, silence in zip(answers, silences, strict=True):
            moment += timedelta(seconds=answer + silence * scale)
            times.append(moment)
        return times

    def _answer(self) -> float:
        """Seconds until somebody answers: mostly soon, sometimes after a coffee."""
        return min(LEAST_BETWEEN_LINES_S + self._chance.expovariate(1 / 45), MOST_BETWEEN_LINES_S)
