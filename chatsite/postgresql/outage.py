"""While the store gives no connection one caller asks, for all; the others are told at once.

Each would otherwise hold its thread for as long as the pool lets it wait, and whoever
comes after it would wait for the thread.
"""

from __future__ import annotations

import threading
import time

PROBE_EVERY_S = 1.0


class Outage:
    """What one process knows of a store that does not answer. Used from all of its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_probe = 0.0
        """When somebody may ask again; 0 while there is no outage."""

    @property
    def is_on(self) -> bool:
        return self._next_probe > 0

    def refuses(self) -> bool:
        """Whether a caller is not to ask now. Who is not refused asks, and says what came of it."""
        if not self._next_probe:
            return False
        with self._lock:
            now = time.monotonic()
            if now < self._next_probe:
                return True
            self._next_probe = now + PROBE_EVERY_S
            return False

    def began(self) -> None:
        """Nobody answered."""
        with self._lock:
            self._next_probe = time.monotonic() + PROBE_EVERY_S

    def ended(self) -> None:
        """Somebody answered."""
        self._next_probe = 0.0
