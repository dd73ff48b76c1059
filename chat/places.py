"""How many sockets a person and an address have open, in all processes together.

Each process keeps its own count, and writes it to Redis where there is one: for each person
and each address a hash, with a field for each process. A process that was killed leaves its
fields behind; they count for nothing once its sign of life has run out, which takes seconds.
Nobody waits for Redis longer than a moment at the door: without it, each process counts alone.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter

from django.conf import settings
from redis import asyncio as aioredis

from chat.redis.address import ASK_TIMEOUT_S
from chat.redis.breaker import REDIS_ERRORS
from chat.redis.cancelled import is_cancelled
from chat.redis.counting import CountingRedis, counting_redis
from chat.redis.enter import ALIVE, ENTER, place_key

logger = logging.getLogger(__name__)

BEAT_EVERY_S = 1.5
ALIVE_FOR_S = 5.0
"""A process that says nothing for so long has no sockets, as far as others are concerned."""
KEEP_S = 2 * 3600
"""A count is forgotten after that; all are written again in half the time."""
WRITE_AT_ONCE = 500
Place = tuple[str, int | str]


class Places:
    """Of one hub. Used from its event loop alone."""

    def __init__(self) -> None:
        self._name = secrets.token_hex(8)
        self._counts: Counter[Place] = Counter()
        self._due: set[Place] = set()
        """What others do not know yet."""
        self._wake = asyncio.Event()

    async def take(self, user_id: int, address: str) -> bool:
        """Take a place for a socket; False where its person or its address has too many."""
        person, home = ("person", user_id), ("address", address)
        # Counted before anything is waited for, or ten could slip through at once.
        self._counts[person] += 1
        self._counts[home] += 1
        fits = False
        try:
            fits = self._fits_here(person, home) and await self._fits_everywhere(person, home)
        finally:
            if not fits:
                self.leave(user_id, address)
        return fits

    def leave(self, user_id: int, address: str) -> None:
        """Give the place back."""
        for place in (("person", user_id), ("address", address)):
            self._counts[place] -= 1
            if not self._counts[place]:
                del self._counts[place]
            if settings.REDIS:
                # Without one nobody is told, and this would only grow.
                self._due.add(place)
        self._wake.set()

    def _fits_here(self, person: Place, home: Place) -> bool:
        return (
            self._counts[person] <= settings.CONNECTIONS_PER_PERSON
            and self._counts[home] <= settings.CONNECTIONS_PER_ADDRESS
        )

    async def _fits_everywhere(self, person: Place, home: Place) -> bool:
        shared = counting_redis()
        if shared is None:
            return True
        if shared.breaker.is_resting:
            self._due |= {person, home}
            return True
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                fits = await shared.async_client.eval(
                    ENTER,
                    2,
                    place_key(person),
                    place_key(home),
                    self._name,
                    self._counts[person],
                    settings.CONNECTIONS_PER_PERSON,
                    self._counts[home],
                    settings.CONNECTIONS_PER_ADDRESS,
                    KEEP_S,
                )
        except REDIS_ERRORS as error:
            shared.breaker.failed(error)
            return True
        finally:
            # Who came or went meanwhile may have been written before this was: ``run``, which
            # writes one thing after the other, has the last word.
            self._due |= {person, home}
        return bool(fits)

    # --- Telling the others ---------------------------------------------------------------

    async def run(self) -> None:
        """Give signs of life, and write what changed, for ever."""
        shared = counting_redis()
        if shared is None:
            return
        beats = 0
        while not is_cancelled():
            if not shared.breaker.is_resting:
                await self._beat(shared, write_all=beats % int(KEEP_S / 2 / BEAT_EVERY_S) == 0)
                beats += 1
            self._wake.clear()
            try:
                async with asyncio.timeout(BEAT_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _beat(self, shared: CountingRedis, *, write_all: bool) -> None:
        redis = shared.async_client
        try:
            was_alive = await redis.set(ALIVE + self._name, 1, px=int(ALIVE_FOR_S * 1000), get=True)
            if not was_alive or write_all:
                # Redis is new, or others took us for dead and swept our counts away.
                self._due |= self._counts.keys()
            while self._due:
                await self._write(redis)
        except REDIS_ERRORS as error:
            shared.breaker.failed(error)

    async def _write(self, redis: aioredis.Redis) -> None:
        some = set(list(self._due)[:WRITE_AT_ONCE])
        self._due -= some
        try:
            async with redis.pipeline(transaction=False) as line:
                for place in some:
                    if count := self._counts.get(place):
                        line.hset(place_key(place), self._name, str(count))
                        line.expire(place_key(place), KEEP_S)
                    else:
                        line.hdel(place_key(place), self._name)
                await line.execute()
        except BaseException:
            self._due |= some
            raise

    async def close(self) -> None:
        """Say that this process is gone; its sockets are."""
        shared = counting_redis()
        if shared is None or shared.breaker.is_resting:
            return
        try:
            await shared.async_client.delete(ALIVE + self._name)
        except REDIS_ERRORS as error:
            logger.info("Redis was not told of the end (%s)", type(error).__name__)
