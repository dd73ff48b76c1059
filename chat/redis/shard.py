"""One Redis of the layer: a line to tell on, and one to listen on that mends itself."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis import asyncio as aioredis
from redis.asyncio.client import PubSub

from chat.redis.address import RedisAddress
from chat.redis.breaker import REDIS_ERRORS
from chat.redis.cancelled import is_cancelled

logger = logging.getLogger(__name__)

FLUSH_TIMEOUT_S = 2.0
TELL_TIMEOUT_S = 1.0
REST_S = 0.5
"""So long a Redis that took no bell is left alone."""
RETRY_FIRST_S, RETRY_LAST_S = 0.1, 0.5
"""Between two attempts to listen. A process has one such line: a dead Redis is not hurried."""


class LineDownError(ConnectionError):
    """This Redis cannot be told anything, or not be listened to, just now."""


@contextmanager
def _as_line_down() -> Iterator[None]:
    """Call it what it is: uvloop and redis-py stumble over a line that was closed meanwhile."""
    try:
        yield
    except (RuntimeError, AttributeError) as error:
        raise LineDownError(str(error)) from error


class Shard:
    """Takes the place of channels-redis' connection; used from one event loop alone.

    What is to be heard is kept here, and not on the line: whenever the line breaks, or
    ``renew`` says that it should, a new one is opened that listens to all of it. So there is
    no state in which it is deaf and believes that it is not.
    """

    def __init__(
        self, address: RedisAddress, hear: Callable[[str, bytes], None], back: Callable[[], None]
    ) -> None:
        self._address = address
        self._hear = hear
        self._back = back
        self._wanted: set[str] = set()
        self._heard: set[str] = set()
        """Channels that Redis has confirmed, on the line that is open now."""
        self._opening: set[str] = set()
        """Channels that a line which is being opened will listen to, until all are confirmed."""
        self._news = asyncio.Event()
        self._teller: aioredis.Redis | None = None
        self._listener: aioredis.Redis | None = None
        self._line: PubSub | None = None
        self._listening: asyncio.Task[None] | None = None
        self._is_down = False
        self._rests_until = 0.0

    # --- Telling --------------------------------------------------------------------------

    async def publish(self, channel: str, message: bytes) -> None:
        """Tell; raises ``LineDownError`` at once where that has just failed."""
        if time.monotonic() < self._rests_until:
            raise LineDownError(f"Redis at {self._address.shown} has just failed")
        try:
            async with asyncio.timeout(TELL_TIMEOUT_S):
                if self._teller is None:
                    pool = self._address.telling_pool()
                    self._teller = aioredis.Redis(connection_pool=pool)
                with _as_line_down():
                    await self._teller.publish(channel, message)
        except REDIS_ERRORS:
            self._rests_until = time.monotonic() + REST_S
            raise

    # --- Listening ------------------------------------------------------------------------

    def want(self, channel: str) -> None:
        """Listen to a channel from now on, or from when the line is there again."""
        self._wanted.add(channel)
        if self._listening is None:
            self._listening = asyncio.get_running_loop().create_task(self._listen())

    async def subscribe(self, channel: str) -> None:
        """Listen to a channel; returns when Redis has confirmed it.

        Raises ``LineDownError`` while there is no line. It will be heard once there is one.
        """
        self.want(channel)
        if self._line is not None and channel not in self._heard:
            # Even where it was asked for before: that may have been lost. Twice does no harm.
            with _as_line_down():
                await self._line.subscribe(channel)
        while channel not in self._heard:
            if self._is_down:
                raise LineDownError(f"Redis at {self._address.shown} is not there")
            await self._news.wait()

    async def unsubscribe(self, channel: str) -> None:
        """Listen to it no longer."""
        self._wanted.discard(channel)
        self._heard.discard(channel)
        if self._line is not None:
            with _as_line_down():
                await self._line.unsubscribe(channel)

    def renew(self) -> None:
        """Give the line up and open another one: this one seems deaf."""
        if self._listening is not None:
            self._lost(LineDownError("deaf"))
            self._listening.cancel()
            self._listening = asyncio.get_running_loop().create_task(self._listen())

    async def flush(self) -> None:
        """Close both lines and want nothing any more."""
        self._wanted.clear()
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            # Bounded: a library may swallow the one cancellation, and nobody would ever end.
            await asyncio.wait({listening}, timeout=FLUSH_TIMEOUT_S)
        for client in filter(None, (self._teller, self._listener)):
            await client.aclose(close_connection_pool=True)
        self._teller = self._listener = None

    async def _listen(self) -> None:
        """Keep a line open, for ever."""
        wait = RETRY_FIRST_S
        while not is_cancelled():
            if self._listener is None:
                pool = self._address.listening_pool()
                self._listener = aioredis.Redis(connection_pool=pool)
            line = self._listener.pubsub()
            try:
                await self._open(line)
                wait = RETRY_FIRST_S
                await self._read(line)
            except REDIS_ERRORS as error:
                if is_cancelled():
                    return
                self._lost(error)
            except Exception as error:
                # Whatever it was, the line must be opened again.
                logger.exception("channel layer: a line ended by a fault of ours")
                self._lost(error)
            finally:
                if self._line is line:
                    self._line = None
                await line.aclose()
            await asyncio.sleep(wait)
            wait = min(wait * 2, RETRY_LAST_S)

    async def _open(self, line: PubSub) -> None:
        # Each answer that opening takes is bounded by the line's own time.
        self._opening = set(self._wanted)
        await line.subscribe(*self._opening)
        self._line = line
        if late := self._wanted - self._opening:
            await line.subscribe(*late)

    async def _read(self, line: PubSub) -> None:
        while True:
            message = await line.get_message(timeout=None)
            if message is None:
                continue
            channel = message["channel"].decode()
            if message["type"] == "message":
                self._hear(channel, message["data"])
            elif message["type"] == "subscribe":
                self._confirm(channel)

    def _confirm(self, channel: str) -> None:
        self._opening.discard(channel)
        if channel in self._wanted:
            self._heard.add(channel)
        if self._is_down and not self._opening:
            self._is_down = False
            self._rests_until = 0.0
            logger.warning("channel layer: Redis at %s is heard again", self._address.shown)
            # What was told meanwhile was told to nobody here.
            self._back()
        self._tell_waiters()

    def _lost(self, error: Exception) -> None:
        self._heard.clear()
        if not self._is_down:
            self._is_down = True
            logger.warning(
                "channel layer: the line to Redis at %s is lost (%s)",
                self._address.shown,
                type(error).__name__,
            )
        self._tell_waiters()

    def _tell_waiters(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
