"""One direction of a proxied connection: bytes, and the weather that they travel in."""

from __future__ import annotations

import asyncio
import math
import random
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

CHUNK = 16 * 1024
IN_FLIGHT = 64 * 1024
"""Bytes that may be under way in a direction; then its sender has to wait, as on a real line."""
SLICE_S = 0.05
"""A narrow line passes on what fits into so many seconds at once."""
GONE = (ConnectionError, TimeoutError)


@dataclass(frozen=True)
class Weather:
    """What one direction of a line does to its bytes. Made without arguments, it is calm."""

    latency_s: float = 0.0
    jitter_s: float = 0.0
    """Added to the latency by chance, from none to so much. Bytes keep their order."""
    bytes_per_s: float = math.inf
    black_hole: bool = False
    """Nothing moves and nobody is told, as where a route is gone. Bytes wait until it is back."""
    cut_after: int | None = None
    """So many bytes still pass, counted from when this weather begins; then comes a reset."""
    close_delay_s: float = 0.0
    """How long the end of the stream is kept back."""


CALM = Weather()
END = b""


class CutError(Exception):
    """The line is to be cut here, or its source has cut it."""


class Direction:
    """Carries bytes from one socket to another. Used from the proxy's event loop alone."""

    def __init__(
        self,
        source: socket.socket,
        sink: socket.socket,
        weather: Weather,
        chance: random.Random,
        count: Callable[[int], None],
    ) -> None:
        self._source = source
        self._sink = sink
        self._chance = chance
        self._count = count
        self.weather = weather
        self._allowed = weather.cut_after
        self._under_way: deque[tuple[float, bytes | None]] = deque()
        """When each chunk is due, and the chunk; None is a reset."""
        self._in_flight = 0
        self._last_due = 0.0
        self._changed = asyncio.Event()

    def blow(self, weather: Weather) -> None:
        """Change the weather, also for what is under way."""
        self.weather = weather
        self._allowed = weather.cut_after
        self._wake()

    async def passable(self) -> None:
        """Return as soon as this is no black hole."""
        while self.weather.black_hole:
            await self._change()

    async def run(self) -> None:
        """Carry until the source has ended; raises ``CutError`` where the line is cut."""
        reading = asyncio.ensure_future(self._read())
        try:
            await self._write()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    # --- From the source ---------------------------------------------------------------------

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        data: bytes | None = b"-"
        while data:
            while self.weather.black_hole or self._in_flight >= self._capacity:
                await self._change()
            try:
                data = await loop.sock_recv(self._source, min(CHUNK, int(self._capacity)))
            except GONE:
                data = None
            delay = self.weather.latency_s + self._chance.uniform(0, self.weather.jitter_s)
            self._last_due = max(self._last_due, loop.time() + delay)
            self._under_way.append((self._last_due, data))
            self._in_flight += len(data or b"")
            self._wake()

    @property
    def _capacity(self) -> float:
        # A narrow line that takes seconds' worth of bytes in would look fast to its sender.
        return min(IN_FLIGHT, max(1.0, self.weather.bytes_per_s * SLICE_S))

    # --- To the sink ---------------------------------------------------------------------------

    async def _write(self) -> None:
        while True:
            data = await self._next()
            if data is None:
                raise CutError
            if data == END:
                await self._end()
                return
            await self._pass_on(data)
            self._in_flight -= len(data)
            self._wake()

    async def _next(self) -> bytes | None:
        """Return what comes next, once it is due."""
        loop = asyncio.get_running_loop()
        while True:
            wait: float | None = None
            if self._under_way and not self.weather.black_hole:
                due, data = self._under_way[0]
                wait = due - loop.time()
                # What was delayed by a weather that is over is not kept back any more.
                if wait <= 0 or not (self.weather.latency_s or self.weather.jitter_s):
                    self._under_way.popleft()
                    return data
            await self._change(wait)

    async def _pass_on(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        rest = memoryview(data)
        while rest:
            await self.passable()
            if self._allowed == 0:
                raise CutError
            size = min(len(rest), max(1, self._slice()))
            try:
                await loop.sock_sendall(self._sink, rest[:size])
            except GONE:
                # Nobody is there to take it. The other direction tells the source, in its time.
                return
            if self._allowed is not None:
                self._allowed -= min(size, self._allowed)
            self._count(size)
            rest = rest[size:]
            await asyncio.sleep(size / self.weather.bytes_per_s)
        if self._allowed == 0:
            raise CutError

    def _slice(self) -> int:
        size = min(float(CHUNK), self.weather.bytes_per_s * SLICE_S)
        return int(size if self._allowed is None else min(size, self._allowed))

    async def _end(self) -> None:
        await asyncio.sleep(self.weather.close_delay_s)
        try:
            self._sink.shutdown(socket.SHUT_WR)
        except OSError:
            # It has gone already, and needs not be told.
            return

    # --- The weather ------------------------------------------------------------------------------

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _change(self, within: float | None = None) -> None:
        """Return when something has changed, or ``within`` seconds."""
        try:
            async with asyncio.timeout(within):
                await self._changed.wait()
        except TimeoutError:
            return
