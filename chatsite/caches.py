"""Two caches: one that counts, and a short one for sessions. Neither falls with Redis."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from chat.redis.address import RedisAddress
from chat.redis.breaker import REDIS_ERRORS
from chat.redis.counting import counting_at
from chatsite.layers import MEMORY_ENTRIES

SESSION_CACHE_S = 20
"""How long a session that was ended elsewhere may still be believed."""


class _Client(RedisCacheClient):
    """Django's, on the lines that this process has to the address already."""

    def __init__(self, servers: list[str], *, address: RedisAddress) -> None:
        super().__init__(servers)
        self._address = address

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return counting_at(self._address).client


class RedisOrMemory(RedisCache):
    """Redis, or this process's memory while Redis does not answer.

    Attempts are then counted a process, and nobody is locked out of signing in.
    """

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__([str(server)], params)
        self._class = _Client
        self._breaker = counting_at(params["OPTIONS"]["address"]).breaker
        # One memory for the process: Django makes a cache anew for each thread and each request,
        # and in a memory of its own each request would find its first attempt. It has many
        # entries: who asks under many names must not push out what is counted of one.
        memory = params | {"OPTIONS": {"MAX_ENTRIES": MEMORY_ENTRIES}}
        self._memory = LocMemCache(f"{type(self).__name__} {server}", memory)

    def _either(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if not self._breaker.is_resting:
            try:
                return getattr(super(), name)(*args, **kwargs)
            except REDIS_ERRORS as error:
                self._breaker.failed(error)
        return getattr(self._memory, name)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._either("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._either("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._either("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._either("touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._either("delete", *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._either("get_many", *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._either("has_key", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._either("incr", *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._either("set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._either("delete_many", *args, **kwargs)

    def clear(self) -> Any:
        return self._either("clear")


class SessionsInRedis(RedisOrMemory):
    """Keeps nothing longer than ``SESSION_CACHE_S``, whatever is asked.

    A session that ended must not live on in a cache that was not told: because Redis was
    away, or because another process, without Redis, ended it. The database knows.
    """

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        super().set(key, value, SESSION_CACHE_S, version)


class SessionsInMemory(LocMemCache):
    """As ``SessionsInRedis``, in this process."""

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        super().set(key, value, SESSION_CACHE_S, version)
