"""Counts hits in fixed windows of time, in memory, for a site of one process.

``limits`` counts in memory too, but starts a thread for each hit to tidy up, which costs
more than the post does and wakes in the middle of telling it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable

PRUNE_ABOVE = 10_000


class HitCounter:
    """Counts hits by key; a window begins with its first hit."""

    def __init__(self) -> None:
        self._windows: dict[Hashable, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def hit(self, key: Hashable, limit: int, seconds: float) -> float:
        """Count one; return 0.0, or the seconds to wait where the window is full."""
        now = time.monotonic()
        with self._lock:
            ends, count = self._windows.get(key, (0.0, 0))
            if ends <= now:
                self._prune(now)
                ends, count = now + seconds, 0
            if count >= limit:
                return ends - now
            self._windows[key] = (ends, count + 1)
            return 0.0

    def _prune(self, now: float) -> None:
        if len(self._windows) > PRUNE_ABOVE:
            self._windows = {key: kept for key, kept in self._windows.items() if kept[0] > now}
