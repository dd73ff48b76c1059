"""How the doorbell and the counting are, for whoever asks: one plain function, any thread."""

from __future__ import annotations

import time
from dataclasses import dataclass

from chat.redis.counting import counting_redis


@dataclass(frozen=True)
class LayerHealth:
    """What the hub of this process last heard of itself through the layer."""

    shards: int = 0
    """How many Redis servers carry bells; 0: none, or no socket was opened here yet."""
    deaf_shards: int = 0
    """Of these, how many did not bring back what the hub rang for itself."""
    deaf_since: float = 0.0
    """Monotonic time at which a deaf one was last heard."""


@dataclass(frozen=True)
class RedisHealth:
    """Degraded, not dead: posts are stored and acknowledged all the same."""

    is_used: bool
    """Whether this site has a Redis at all."""
    bells_ring: bool
    """Announcements reach this process; else it finds in the database what it missed."""
    deaf_for: float
    """Seconds since a shard that is deaf was last heard."""
    is_counting: bool
    """Throttles, connections and attempts are counted for all processes together."""
    not_counting_for: float
    """Seconds."""

    @property
    def is_degraded(self) -> bool:
        """Whether an operator should look."""
        return not (self.bells_ring and self.is_counting)


_layer = LayerHealth()


def say_health(health: LayerHealth) -> None:
    """Take note; the hub's self-bell says it each second."""
    global _layer  # noqa: PLW0603 - one process, one state of the layer
    _layer = health


def redis_health() -> RedisHealth:
    """Return how Redis is for this process, without asking it: takes no time."""
    shared = counting_redis()
    layer = _layer
    deaf_for = time.monotonic() - layer.deaf_since if layer.deaf_shards else 0.0
    rests_for = shared.breaker.rests_for if shared is not None else 0.0
    return RedisHealth(
        is_used=shared is not None,
        bells_ring=not layer.deaf_shards,
        deaf_for=deaf_for,
        is_counting=not rests_for,
        not_counting_for=rests_for,
    )
