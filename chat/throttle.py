"""How fast one person may act; it protects the server. State is shared by all processes."""

from __future__ import annotations

import time
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage as AsyncRedisStorage
from limits.aio.strategies import FixedWindowRateLimiter as AsyncFixedWindow
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter as FixedWindow

from chat import errors, metrics
from chat.hit_counter import HitCounter
from chat.redis.breaker import REDIS_ERRORS
from chat.redis.counting import CountingRedis, counting_redis

BURST_WINDOW_S = 10

_hits = HitCounter()
"""Counts for this process alone: without Redis, and while Redis does not answer."""


@cache
def _limiter(shared: CountingRedis) -> FixedWindow:
    pool: Any = shared.client.connection_pool
    return FixedWindow(RedisStorage("redis://", connection_pool=pool))


_async_limiters: WeakKeyDictionary[object, AsyncFixedWindow] = WeakKeyDictionary()


def _async_limiter(shared: CountingRedis) -> AsyncFixedWindow:
    client = shared.async_client
    limiter = _async_limiters.get(client)
    if limiter is None:
        pool: Any = client.connection_pool
        storage = AsyncRedisStorage(
            "async+redis://", implementation="redispy", connection_pool=pool
        )
        limiter = _async_limiters[client] = AsyncFixedWindow(storage)
    return limiter


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
    shared = counting_redis()
    if shared is not None and not shared.breaker.is_resting:
        limiter = _limiter(shared)
        try:
            for limit in limits:
                if not limiter.hit(limit, what, str(user_id)):
                    _refuse(what, limiter.get_window_stats(limit, what, str(user_id)).reset_time)
        except REDIS_ERRORS as error:
            shared.breaker.failed(error)
        else:
            return
    _throttle_here(what, user_id, limits)


def _throttle_here(what: str, user_id: int, limits: tuple[RateLimitItem, ...]) -> None:
    for limit in limits:
        wait = _hits.hit((what, limit, user_id), limit.amount, limit.get_expiry())
        if wait:
            metrics.THROTTLED.labels(what).inc()
            raise errors.ThrottledError(retry_after=max(0.1, round(wait, 1)))


def throttle_report(user_id: int) -> None:
    """Count a report. Raises ``ThrottledError`` with seconds to wait."""
    _throttle("report", user_id, (RateLimitItemPerMinute(settings.REPORTS_PER_MINUTE),))


async def athrottle_post(user_id: int, *, is_guest: bool) -> None:
    """Do as ``throttle_post`` without blocking the event loop."""
    limits = _post_limits(is_guest)
    shared = counting_redis()
    if shared is not None and not shared.breaker.is_resting:
        limiter = _async_limiter(shared)
        try:
            for limit in limits:
                if not await limiter.hit(limit, "post", str(user_id)):
                    stats = await limiter.get_window_stats(limit, "post", str(user_id))
                    _refuse("post", stats.reset_time)
        except REDIS_ERRORS as error:
            shared.breaker.failed(error)
        else:
            return
    _throttle_here("post", user_id, limits)


def _refuse(what: str, resets_at: float) -> None:
    metrics.THROTTLED.labels(what).inc()
    # Both are by this machine's clock: the window itself ends by that of Redis.
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
