"""The Redis in which everything that is counted for all processes is, and its breaker."""

from __future__ import annotations

import asyncio
from functools import cache, cached_property
from weakref import WeakKeyDictionary

import redis
from django.conf import settings
from redis import asyncio as aioredis

from chat.redis.address import RedisAddress
from chat.redis.breaker import Breaker


class CountingRedis:
    """Clients for threads and for event loops, with one breaker for both."""

    def __init__(self, address: RedisAddress) -> None:
        self.address = address
        self.breaker = Breaker(address.shown, self._ping)
        self._async_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, aioredis.Redis] = (
            WeakKeyDictionary()
        )

    @cached_property
    def client(self) -> redis.Redis:
        """For threads."""
        return redis.Redis(connection_pool=self.address.pool())

    @property
    def async_client(self) -> aioredis.Redis:
        """For the running event loop."""
        loop = asyncio.get_running_loop()
        client = self._async_clients.get(loop)
        if client is None:
            client = aioredis.Redis(connection_pool=self.address.async_pool())
            self._async_clients[loop] = client
        return client

    def _ping(self) -> object:
        return self.client.ping()


@cache
def counting_at(address: RedisAddress) -> CountingRedis:
    """Return the one of this process for ``address``."""
    return CountingRedis(address)


def counting_redis() -> CountingRedis | None:
    """Return the one of this site, if it has a Redis. What counts must be in one place."""
    return counting_at(settings.REDIS[0]) if settings.REDIS else None
