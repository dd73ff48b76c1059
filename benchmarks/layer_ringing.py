"""Bells through one channel layer, as our hub uses it: one channel a process, many groups."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import channels_redis.core
from channels.layers import BaseChannelLayer
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import RedisError

from chat.redis.layer import RedisLayer
from chatsite.layers import channel_layer
from chatsite.redis_url import redis_addresses
from chatsite.variables import Variables

GROUPS = 20
EVERY_S = 0.01
TELL_TIMEOUT_S = 2.0
"""What the hub allows for telling."""
BODY = "x" * 300
ERRORS = (RedisError, OSError, TimeoutError)
NAMES = ("core", "pub/sub", "pub/sub, our lines")

_clock_off: ContextVar[float] = ContextVar("clock_off", default=0.0)


class _WrongClock:
    """``time`` for the core layer, wrong in the tasks that say so: it orders by wall clocks."""

    def time(self) -> float:
        return time.time() + _clock_off.get()

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


@contextmanager
def wrong_clocks() -> Iterator[None]:
    """Let a task's clock be wrong by what ``_clock_off`` says in it."""
    module: Any = channels_redis.core
    module.time = _WrongClock()
    try:
        yield
    finally:
        module.time = time


def make_layer(name: str, url: str) -> BaseChannelLayer:
    """Return a layer of its own, as good as a process of its own."""
    if name == "pub/sub, our lines":
        addresses = redis_addresses(Variables({"REDIS_URL": url}))
        return RedisLayer(**channel_layer(addresses)["CONFIG"])
    # redis-py's own 5 s would cut every line that is silent for so long.
    host = {"address": url, "socket_timeout": None, "socket_connect_timeout": 2}
    kind = RedisChannelLayer if name == "core" else RedisPubSubChannelLayer
    return kind(prefix="bench", hosts=[host])


@dataclass
class Ringing:
    """What was rung and heard. Times are monotonic; a bell is its number."""

    rung: dict[int, float] = field(default_factory=dict)
    """Bells that the layer took."""
    heard: dict[int, float] = field(default_factory=dict)
    refused: int = 0
    deaf: int = 0
    """Errors raised to who listens."""
    back_at: float = 0.0

    @property
    def lost(self) -> int:
        """Bells taken by the layer, and never heard."""
        return len(self.rung.keys() - self.heard.keys())

    @property
    def deafness(self) -> float | None:
        """Seconds from the end of the fault until the last group is heard; None: never."""
        firsts: dict[int, float] = {}
        for bell, at in sorted(self.heard.items()):
            if self.rung.get(bell, 0.0) > self.back_at:
                firsts.setdefault(bell % GROUPS, at)
        if len(firsts) < GROUPS:
            return None
        return max(0.0, max(firsts.values()) - self.back_at)


class Pair:
    """One layer that tells and one that listens, in one event loop."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.teller, self.hearer = make_layer(name, url), make_layer(name, url)
        self.ringing = Ringing()
        self._stop = asyncio.Event()
        self._numbers = iter(range(10**9))
        self.channel = ""

    async def open(self) -> None:
        self.channel = await self.hearer.new_channel()
        for group in range(GROUPS):
            await self.hearer.group_add(f"room.{group}", self.channel)

    async def listen(self) -> None:
        """Note what is heard, for ever."""
        while True:
            try:
                message = await self.hearer.receive(self.channel)
            except ERRORS:
                self.ringing.deaf += 1
                await asyncio.sleep(0.1)
            else:
                self.ringing.heard[message["bell"]] = time.monotonic()

    async def ring(self, clock_off: float = 0.0) -> None:
        """Ring one group after another until told to stop."""
        _clock_off.set(clock_off)
        while not self._stop.is_set():
            await self.ring_once()
            await asyncio.sleep(EVERY_S)

    async def ring_once(self) -> bool:
        """Ring one bell; False where the layer did not take it."""
        bell = next(self._numbers)
        group, now = f"room.{bell % GROUPS}", time.monotonic()
        try:
            async with asyncio.timeout(TELL_TIMEOUT_S):
                await self.teller.group_send(group, {"type": "b", "bell": bell, "body": BODY})
        except ERRORS:
            self.ringing.refused += 1
            return False
        self.ringing.rung[bell] = now
        return True

    def stop(self) -> None:
        self._stop.set()

    async def close(self) -> None:
        for layer in (self.teller, self.hearer):
            try:
                async with asyncio.timeout(5):
                    await layer.flush()
            except ERRORS as error:
                print(f"  {self.name} could not be closed: {type(error).__name__}")


async def plain(pair: Pair, bells: int) -> tuple[float, float, float]:
    """Return median and p99 delivery in ms, and CPU in µs a bell, told and heard."""
    waits, cpu = [], time.process_time()
    for _ in range(bells):
        since = time.monotonic()
        if not await pair.ring_once():
            continue
        await pair.hearer.receive(pair.channel)
        waits.append((time.monotonic() - since) * 1000)
    used = (time.process_time() - cpu) / bells * 1e6
    return statistics.median(waits), statistics.quantiles(waits, n=100)[98], used
