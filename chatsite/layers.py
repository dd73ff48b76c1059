"""The channel layer and the caches: in this process, or in Redis for several.

The layer is a doorbell, never the truth, so publish and subscribe fits: it keeps no group
membership in Redis that a restart could lose. ``docs/channel-layer.md`` has the figures.
"""

from __future__ import annotations

from typing import Any

from chat.redis.address import RedisAddress


def channel_layer(addresses: tuple[RedisAddress, ...]) -> dict[str, Any]:
    """Return Django's dict for the layer; each address is a shard of it."""
    if not addresses:
        return {
            "BACKEND": "chatsite.process_layer.ProcessLayer",
            "CONFIG": {"capacity": 10_000, "expiry": 60},
        }
    return {
        "BACKEND": "chat.redis.layer.RedisLayer",
        "CONFIG": {"prefix": "chat", "hosts": [{"redis": address} for address in addresses]},
    }


def caches(addresses: tuple[RedisAddress, ...]) -> dict[str, dict[str, Any]]:
    """What counts, and sessions. Only the first address: what is counted must be in one place."""
    if not addresses:
        return {
            "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
            "sessions": {
                "BACKEND": "chatsite.caches.SessionsInMemory",
                "LOCATION": "sessions",
                # A page asks for its session each time; 300 would be evicted at once.
                "OPTIONS": {"MAX_ENTRIES": 10_000},
            },
        }
    common = {"LOCATION": addresses[0].shown, "OPTIONS": {"address": addresses[0]}}
    return {
        "default": {"BACKEND": "chatsite.caches.RedisOrMemory", "KEY_PREFIX": "chat", **common},
        "sessions": {
            "BACKEND": "chatsite.caches.SessionsInRedis",
            "KEY_PREFIX": "chat.sessions",
            **common,
        },
    }
