"""The channel layer and the caches: in this process, or in Redis for several.

The layer is a doorbell, never the truth, so publish and subscribe fits: it keeps no group
membership in Redis that a restart could lose. ``docs/channel-layer.md`` has the figures.
"""

from __future__ import annotations

from typing import Any

from chat.redis.address import RedisAddress

MEMORY_ENTRIES = 10_000
"""Of a cache in memory; Django's own default is 300."""


def channel_layer(addresses: tuple[RedisAddress, ...]) -> dict[str, Any]:
    """Return Django's dict for the layer; each address is a shard of it."""
    if not addresses:
        return {
            "BACKEND": "chatsite.process_layer.ProcessLayer",
            "CONFIG": {"capacity": 10_000, "expiry": 60},
        }
    return {
        "BACKEND": "chat.redis.layer.RedisLayer",
        "CONFIG": {
            "prefix": _prefix(addresses[0]),
            "hosts": [{"redis": address} for address in addresses],
        },
    }


def _prefix(address: RedisAddress) -> str:
    """Return what the site's bells begin with.

    Redis knows no databases where it publishes: two sites on one server, in databases of
    their own, would hear each other's bells.
    """
    db = dict(address.options).get("db", 0)
    return f"chat.{db}." if db else "chat"


def caches(addresses: tuple[RedisAddress, ...]) -> dict[str, dict[str, Any]]:
    """What counts, and sessions. Only the first address: what is counted must be in one place."""
    if not addresses:
        return {
            "default": {
                "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
                # Attempts are counted in it: 300 names would push out the count of one.
                "OPTIONS": {"MAX_ENTRIES": MEMORY_ENTRIES},
            },
            "sessions": {
                "BACKEND": "chatsite.caches.SessionsInMemory",
                "LOCATION": "sessions",
                # A page asks for its session each time; 300 would be evicted at once.
                "OPTIONS": {"MAX_ENTRIES": MEMORY_ENTRIES},
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
