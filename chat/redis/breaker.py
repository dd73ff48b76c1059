"""A Redis that does not answer is left alone, by everybody, until it does again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PROBE_EVERY_S = 1.0
# uvloop says RuntimeError where one writes to a line that was reset a moment ago.
REDIS_ERRORS = (RedisError, OSError, TimeoutError, RuntimeError)


class Breaker:
    """Rests after the first failure; a thread of its own asks in the background.

    So one caller waits for a Redis that has died, and no other. Used from any thread.
    """

    def __init__(self, shown: str, ping: Callable[[], object]) -> None:
        self.shown = shown
        self._ping = ping
        self._lock = threading.Lock()
        self._rests_since: float | None = None

    @property
    def is_resting(self) -> bool:
        """Whether Redis should not be asked now."""
        return self._rests_since is not None

    @property
    def rests_for(self) -> float:
        """Seconds for which Redis has not answered; 0.0 while it does."""
        since = self._rests_since
        return 0.0 if since is None else time.monotonic() - since

    def failed(self, error: Exception) -> None:
        """Leave Redis alone from now on, until it answers in the background."""
        with self._lock:
            if self._rests_since is not None:
                return
            self._rests_since = time.monotonic()
        logger.warning(
            "Redis at %s does not answer (%s): this process counts for itself.",
            self.shown,
            type(error).__name__,
        )
        threading.Thread(target=self._probe, name="redis-probe", daemon=True).start()

    def _probe(self) -> None:
        while True:
            time.sleep(PROBE_EVERY_S)
            try:
                self._ping()
            except REDIS_ERRORS:
                continue
            except Exception:
                # Whatever it was: if this ended, nobody would ever ask Redis again.
                logger.exception("Redis at %s could not be asked", self.shown)
                continue
            logger.warning("Redis at %s answers again.", self.shown)
            self._rests_since = None
            return
