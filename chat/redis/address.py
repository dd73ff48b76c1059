"""Where one Redis is, and how to open lines to it: plain, encrypted, or found by Sentinel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import redis
from redis import asyncio as aioredis
from redis.asyncio import connection as aioconnection
from redis.asyncio import sentinel as aiosentinel
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

ASK_TIMEOUT_S = 0.3
"""How long anybody waits for an answer: a Redis in the same house takes a millisecond."""
LINE_TIMEOUT_S = 1.0
"""How long each answer may take while a line of the doorbell is opened; nobody waits for it."""

_Options = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class RedisAddress:
    """One Redis; ``chatsite/redis_url.py`` reads it from what the operator wrote."""

    shown: str
    """For people to read; never a password."""
    options: _Options = field(repr=False)
    """As redis-py's connections take them: host, port, path, db, username, password, ssl_…"""
    is_encrypted: bool = False
    is_file: bool = False
    """A Unix socket."""
    sentinels: tuple[tuple[str, int], ...] = ()
    service: str = ""
    sentinel_options: _Options = field(default=(), repr=False)

    def pool(self) -> redis.ConnectionPool:
        """Open lines for threads, on which no answer takes longer than ``ASK_TIMEOUT_S``."""
        options = {**self._line(ASK_TIMEOUT_S), "retry": _retry(Retry, 1)}
        if not self.sentinels:
            plain = redis.UnixDomainSocketConnection if self.is_file else redis.Connection
            kind = redis.SSLConnection if self.is_encrypted else plain
            return redis.ConnectionPool(connection_class=kind, **options)
        asked = Sentinel(self.sentinels, sentinel_kwargs=self._asking(ASK_TIMEOUT_S, Retry))
        return SentinelConnectionPool(self.service, asked, ssl=self.is_encrypted, **options)

    def async_pool(self) -> aioredis.ConnectionPool:
        """Open lines as ``pool`` does, for the running event loop."""
        return self._async_pool(ASK_TIMEOUT_S, retries=1)

    def telling_pool(self) -> aioredis.ConnectionPool:
        """Open the doorbell's lines to tell on, for the running event loop."""
        return self._async_pool(LINE_TIMEOUT_S, retries=1)

    def listening_pool(self) -> aioredis.ConnectionPool:
        """Open the doorbell's line to listen on, for the running event loop.

        It may be silent for hours; the bound is for opening it. One that broke is not mended
        in silence: whoever listens has to know that it missed something.
        """
        return self._async_pool(LINE_TIMEOUT_S, retries=0)

    def _async_pool(self, bound: float, *, retries: int) -> aioredis.ConnectionPool:
        options = {**self._line(bound), "retry": _retry(AsyncRetry, retries)}
        if not self.sentinels:
            plain = (
                aioconnection.UnixDomainSocketConnection
                if self.is_file
                else aioconnection.Connection
            )
            kind = aioconnection.SSLConnection if self.is_encrypted else plain
            return aioredis.ConnectionPool(connection_class=kind, **options)
        asked = aiosentinel.Sentinel(
            self.sentinels, sentinel_kwargs=self._asking(bound, AsyncRetry)
        )
        return aiosentinel.SentinelConnectionPool(
            self.service, asked, ssl=self.is_encrypted, **options
        )

    def _line(self, bound: float) -> dict[str, Any]:
        options = {**dict(self.options), **_bounds(bound)}
        # A file's line has no far end that could vanish.
        return options if self.is_file else {**options, "socket_keepalive": True}

    def _asking(self, bound: float, retry: type[Any]) -> dict[str, Any]:
        """Return how the Sentinels themselves are reached."""
        options = {**dict(self.sentinel_options), **_bounds(bound), "retry": _retry(retry, 0)}
        return {**options, "ssl": self.is_encrypted}


def _bounds(seconds: float) -> dict[str, Any]:
    return {"socket_timeout": seconds, "socket_connect_timeout": seconds}


def _retry(kind: type[Any], retries: int) -> Any:
    # A line that broke while nobody used it is found out by using it: once more, at once.
    # What did not answer in time is not asked again.
    return kind(NoBackoff(), retries, supported_errors=(redis.ConnectionError,))
