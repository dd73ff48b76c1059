"""One proxied connection: its two ends, and how it ends."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.fault_suite.line import GONE, CutError, Direction

Side = Literal["client", "server"]
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER, on and of no seconds: closing sends a reset instead of an end."""
ESTABLISHED = 1
"""The first byte of TCP_INFO while neither end has said anything of ending."""
Target = Callable[[], tuple[str, int] | None]


@dataclass
class Counters:
    """What has happened to a proxy since it began."""

    accepted: int = 0
    unreachable: int = 0
    """Connections that the target did not take; their clients were reset."""
    cut: int = 0
    """Connections that ended by a reset, whoever wanted it."""
    bytes_up: int = 0
    """Passed on from clients to the target."""
    bytes_down: int = 0

    def count_up(self, size: int) -> None:
        """Count what was passed on to the target."""
        self.bytes_up += size

    def count_down(self, size: int) -> None:
        """Count what was passed on to a client."""
        self.bytes_down += size

    def count_unreachable(self) -> None:
        """Count a connection that the target did not take."""
        self.unreachable += 1


class Pair:
    """Carries one connection both ways. Used from the proxy's event loop alone."""

    def __init__(
        self, client: socket.socket, server: socket.socket, up: Direction, down: Direction
    ) -> None:
        self.up = up
        self.down = down
        self._ends: dict[Side, socket.socket] = {"client": client, "server": server}
        self._pumping: asyncio.Task[None] | None = None
        self._is_half_open = False
        self._over = asyncio.Event()

    async def run(self, target: Target, fail: Callable[[], None]) -> bool:
        """Carry until the end. True where that was a reset; ``fail`` is told of a dead target."""
        self._pumping = asyncio.ensure_future(self._pump(target, fail))
        await asyncio.wait({self._pumping})
        if self._is_half_open:
            await self._over.wait()
        error = None if self._pumping.cancelled() else self._pumping.exception()
        was_cut = self._pumping.cancelled() or error is not None
        for end in self._ends.values():
            if was_cut:
                _abort(end)
            end.close()
        if error is not None and not isinstance(error, (CutError, *GONE)):
            raise error
        return was_cut

    async def _pump(self, target: Target, fail: Callable[[], None]) -> None:
        # Where the route is gone, no handshake reaches the target either.
        await self.up.passable()
        address = target()
        if address is None:
            fail()
            raise CutError
        try:
            await asyncio.get_running_loop().sock_connect(self._ends["server"], address)
        except GONE:
            fail()
            raise
        directions = [asyncio.ensure_future(way.run()) for way in (self.up, self.down)]
        try:
            await asyncio.gather(*directions)
        finally:
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)

    async def lose(self, gone: Side) -> None:
        """Let one end be gone; the other is told nothing until ``end``."""
        if self._is_half_open:
            return
        self._is_half_open = True
        await self._stop()
        _abort(self._ends[gone])

    @property
    def is_held(self) -> bool:
        """Half open, and the end that was told nothing still believes in it."""
        if not self._is_half_open:
            return False
        ends = [end for end in self._ends.values() if end.fileno() != -1]
        infos = [end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) for end in ends]
        return any(info[0] == ESTABLISHED for info in infos)

    async def end(self) -> None:
        """End it by a reset at both ends."""
        await self._stop()
        self._over.set()

    async def _stop(self) -> None:
        if self._pumping is not None:
            self._pumping.cancel()
            await asyncio.gather(self._pumping, return_exceptions=True)


def _abort(end: socket.socket) -> None:
    if end.fileno() != -1:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        end.close()
