"""The fault proxy: a TCP line that is as bad as a test wants it, changed while it is in use.

It runs in a thread with an event loop of its own, so that a test whose own loop stalls does
not make the line bad too. Each call takes hold before it returns.
"""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from tests.fault_suite.line import CALM, Direction, Weather
from tests.fault_suite.pair import Counters, Pair, Side
from tests.live.stage import free_port

T = TypeVar("T")
BACKLOG = 512
CALL_S = 10.0


class FaultProxy:
    """Listens on a loopback port and carries everything to ``target``, through the weather."""

    def __init__(
        self,
        target: tuple[str, int] | None = None,
        *,
        port: int = 0,
        seed: int = 0,
        buffer: int | None = None,
    ) -> None:
        """Prepare; ``with`` starts it. ``buffer`` are the bytes that the kernel keeps a socket."""
        self.target = target
        """Where new connections go; None resets them."""
        self.port = port or free_port()
        self.counters = Counters()
        self._buffer = buffer
        self._chance = random.Random(seed)
        self._up = self._down = CALM
        self._pairs: set[Pair] = set()
        self._carrying: set[asyncio.Task[None]] = set()
        self._faults: list[BaseException] = []
        """Mistakes of the proxy itself, which must not pass for bad weather."""
        self._listening: tuple[socket.socket, asyncio.Task[None]] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return ("127.0.0.1", self.port)

    @property
    def open(self) -> int:
        """How many connections it holds now."""
        return len(self._pairs)

    @property
    def held(self) -> int:
        """How many half-open connections the end that was told nothing has not given up."""
        return self._call(lambda: sum(pair.is_held for pair in self._pairs))

    # --- Life -----------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._thread.start()
        self.accept()
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()
        self._await(self._end_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CALL_S)
        self._loop.close()
        if self._faults:
            raise self._faults[0]

    # --- The weather ------------------------------------------------------------------------

    def blow(
        self,
        both: Weather | None = None,
        *,
        up: Weather | None = None,
        down: Weather | None = None,
        existing: bool = True,
        new: bool = True,
    ) -> None:
        """Change the weather to the target (up), back (down) or ``both`` ways.

        It holds for connections that are there (``existing``) and for those to come (``new``).
        """
        self._call(lambda: self._blow(up or both, down or both, existing=existing, new=new))

    def calm(self) -> None:
        """End all bad weather and take new connections; what was cut stays cut."""
        self.blow(CALM)
        self.accept()

    def reset(self) -> None:
        """Cut every connection by a reset at both ends."""
        self._await(self._end_all())

    def half_open(self, gone: Side) -> None:
        """Let one end of every connection be gone; the other is told nothing until a reset."""
        self._await(self._each(lambda pair: pair.lose(gone)))

    def refuse(self) -> None:
        """Take no new connections, as where nobody listens. Those that are there go on."""
        self._call(self._stop_listening)

    def accept(self) -> None:
        """Take new connections again."""
        self._call(self._listen)

    # --- In the loop of the proxy --------------------------------------------------------------

    def _call(self, function: Callable[[], T]) -> T:
        async def called() -> T:
            return function()

        return self._await(called())

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_S)

    def _blow(self, up: Weather | None, down: Weather | None, *, existing: bool, new: bool) -> None:
        if new:
            self._up, self._down = up or self._up, down or self._down
        for pair in self._pairs if existing else ():
            if up is not None:
                pair.up.blow(up)
            if down is not None:
                pair.down.blow(down)

    async def _end_all(self) -> None:
        await self._each(Pair.end)
        await asyncio.gather(*self._carrying)

    async def _each(self, work: Callable[[Pair], Coroutine[Any, Any, None]]) -> None:
        await asyncio.gather(*(work(pair) for pair in list(self._pairs)))

    def _listen(self) -> None:
        if self._listening is None:
            listener = socket.create_server(self.address, backlog=BACKLOG)
            listener.setblocking(False)
            self._prepare(listener)
            self._listening = listener, self._loop.create_task(self._accept_all(listener))

    def _stop_listening(self) -> None:
        if self._listening is not None:
            listener, accepting = self._listening
            accepting.cancel()
            self._loop.remove_reader(listener)
            listener.close()
            self._listening = None

    async def _accept_all(self, listener: socket.socket) -> None:
        while True:
            client, _ = await self._loop.sock_accept(listener)
            self.counters.accepted += 1
            task = self._loop.create_task(self._carry(client))
            self._carrying.add(task)
            task.add_done_callback(self._carried)

    def _carried(self, task: asyncio.Task[None]) -> None:
        self._carrying.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._faults.append(fault)

    async def _carry(self, client: socket.socket) -> None:
        server = socket.socket()
        server.setblocking(False)
        self._prepare(client)
        self._prepare(server)
        up = Direction(client, server, self._up, self._chance, self.counters.count_up)
        down = Direction(server, client, self._down, self._chance, self.counters.count_down)
        pair = Pair(client, server, up, down)
        self._pairs.add(pair)
        try:
            was_cut = await pair.run(lambda: self.target, self.counters.count_unreachable)
            self.counters.cut += was_cut
        finally:
            self._pairs.discard(pair)

    def _prepare(self, end: socket.socket) -> None:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._buffer is not None:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._buffer)
