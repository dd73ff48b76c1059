"""The channel layer, the caches and the throttles: in this process, or in Redis for several.

The layer is a doorbell, never the truth, so the pub/sub layer fits: it keeps no
group membership in Redis that a restart could lose, and it is one channel a process.
"""

from __future__ import annotations

from typing import Any

from chatsite.variables import Variables

CONNECT_TIMEOUT_S = 2
CACHE_TIMEOUT_S = 2
_SCHEMES = ("redis", "rediss", "unix")
_EXAMPLE = "redis://127.0.0.1:6379/0"


def redis_urls(variables: Variables) -> list[str]:
    """The addresses in ``REDIS_URL``, with commas between them; each is a shard of the layer."""
    urls = variables.words("REDIS_URL")
    return [url for url in urls if variables.url("REDIS_URL", url, _SCHEMES, _EXAMPLE)]


def channel_layer(urls: list[str]) -> dict[str, Any]:
    if not urls:
        return {
            "BACKEND": "chatsite.process_layer.ProcessLayer",
            "CONFIG": {"capacity": 10_000, "expiry": 60},
        }
    return {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "prefix": "chat",
            "hosts": [
                {
                    "address": url,
                    # redis-py 8 gives up on a silent line after 5 s by default. A chat is
                    # silent for hours. This layer happens to ask with a time of its own, but
                    # Channels' core layer kills its sockets over it. The hub bounds each wait.
                    "socket_timeout": None,
                    "socket_connect_timeout": CONNECT_TIMEOUT_S,
                    "socket_keepalive": True,
                }
                for url in urls
            ],
        },
    }


def caches(urls: list[str]) -> dict[str, dict[str, Any]]:
    """What counts, and sessions. Only the first address: what is counted must be in one place."""
    if not urls:
        return {
            "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
            "sessions": {
                "BACKEND": "chatsite.caches.SessionsInMemory",
                "LOCATION": "sessions",
                # A page asks for its session each time; 300 would be evicted at once.
                "OPTIONS": {"MAX_ENTRIES": 10_000},
            },
        }
    common = {
        "LOCATION": urls[0],
        "OPTIONS": {
            "socket_timeout": CACHE_TIMEOUT_S,
            "socket_connect_timeout": CONNECT_TIMEOUT_S,
        },
    }
    return {
        "default": {"BACKEND": "chatsite.caches.RedisOrMemory", "KEY_PREFIX": "chat", **common},
        "sessions": {
            "BACKEND": "chatsite.caches.SessionsInRedis",
            "KEY_PREFIX": "chat.sessions",
            **common,
        },
    }


def throttle_storage(urls: list[str]) -> str:
    """Where ``limits`` counts, in its words (https://limits.readthedocs.io, "Storage")."""
    if not urls:
        return "memory://"
    url = f"redis+{urls[0]}" if urls[0].startswith("unix:") else urls[0]
    bounds = f"socket_timeout={CACHE_TIMEOUT_S}&socket_connect_timeout={CONNECT_TIMEOUT_S}"
    return f"{url}{'&' if '?' in url else '?'}{bounds}"
