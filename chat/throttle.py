"""How fast one person may act; it protects the server. State is shared by all processes."""

from __future__ import annotations

import logging
import time
from functools import cache
from typing import Any

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.strategies import FixedWindowRateLimiter as AsyncFixedWindow
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter as FixedWindow

from chat import errors, metrics
from chat.hit_counter import HitCounter

logger = logging.getLogger(__name__)

BURST_WINDOW_S = 10
DOWN_FOR_S = 5.0
"""How long a storage that failed is left alone: nobody waits for it at every post."""


class _Storage:
    """Whether the storage of counts is worth asking."""

    def __init__(self) -> None:
        self._down_until = 0.0

    @property
    def is_down(self) -> bool:
        return time.monotonic() < self._down_until

    def leave_alone(self, error: StorageError) -> None:
        """Let people talk while it is down: losing the throttle is the lesser harm."""
        self._down_until = time.monotonic() + DOWN_FOR_S
        logger.warning("the throttle does not count for %s s: %s", DOWN_FOR_S, error)


_storage = _Storage()
_hits = HitCounter()


def _in_process() -> bool:
    """Whether this process alone counts."""
    return settings.THROTTLE_STORAGE.startswith("memory")


@cache
def _limiter() -> FixedWindow:
    return FixedWindow(storage_from_string(settings.THROTTLE_STORAGE, wrap_exceptions=True))


@cache
def _async_limiter() -> AsyncFixedWindow:
    uri = f"async+{settings.THROTTLE_STORAGE}"
    options: dict[str, Any] = {"implementation": "redispy", "wrap_exceptions": True}
    return AsyncFixedWindow(storage_from_string(uri, **options))


@cache
def _post_limits(half: bool) -> tuple[RateLimitItem, ...]:
    share = 2 if half else 1
    return (
        RateLimitItemPerSecond(max(1, settings.POSTS_BURST // share), BURST_WINDOW_S),
        RateLimitItemPerMinute(max(1, settings.POSTS_PER_MINUTE // share)),
    )


def throttle_post(user_id: int, *, is_guest: bool) -> None:
    """Count a post; guests get half. Raises ``ThrottledError`` with seconds to wait."""
    _throttle("post", user_id, _post_limits(is_guest))


def _throttle(what: str, user_id: int, limits: tuple[RateLimitItem, ...]) -> None:
    if _in_process():
        for limit in limits:
            wait = _hits.hit((what, limit, user_id), limit.amount, limit.get_expiry())
            if wait:
                metrics.THROTTLED.labels(what).inc()
                raise errors.ThrottledError(retry_after=max(0.1, round(wait, 1)))
        return
    if _storage.is_down:
        return
    try:
        for limit in limits:
            if not _limiter().hit(limit, what, str(user_id)):
                _refuse(what, _limiter().get_window_stats(limit, what, str(user_id)).reset_time)
    except StorageError as error:
        _storage.leave_alone(error)


def throttle_report(user_id: int) -> None:
    """Count a report. Raises ``ThrottledError`` with seconds to wait."""
    _throttle("report", user_id, (RateLimitItemPerMinute(settings.REPORTS_PER_MINUTE),))


async def athrottle_post(user_id: int, *, is_guest: bool) -> None:
    """Do as ``throttle_post`` without blocking the event loop."""
    if _in_process():
        throttle_post(user_id, is_guest=is_guest)
        return
    if _storage.is_down:
        return
    limiter = _async_limiter()
    try:
        for limit in _post_limits(is_guest):
            if not await limiter.hit(limit, "post", str(user_id)):
                stats = await limiter.get_window_stats(limit, "post", str(user_id))
                _refuse("post", stats.reset_time)
    except StorageError as error:
        _storage.leave_alone(error)


def _refuse(what: str, resets_at: float) -> None:
    metrics.THROTTLED.labels(what).inc()
    raise errors.ThrottledError(retry_after=max(0.1, round(resets_at - time.time(), 1)))


class Allowance:
    """A token bucket for one connection: ``per_minute`` on average, as many at once.

    It is kept by the connection itself, since it goes with it.
    """

    __slots__ = ("_left", "_limit", "_seen")

    def __init__(self, per_minute: int) -> None:
        self._limit = float(per_minute)
        self._left = self._limit
        self._seen = time.monotonic()

    def take(self) -> bool:
        """Take one; False when none is left."""
        now = time.monotonic()
        self._left = min(self._limit, self._left + (now - self._seen) * self._limit / 60)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
