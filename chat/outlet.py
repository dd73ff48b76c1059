"""One socket's way out: a send that never makes anybody else wait.

Awaiting each ``send`` in turn lets one stalled reader freeze a room. So a send is
stepped once, by hand: nearly always it is done then. Where it would block, the rest of
it goes to a task of that reader's own, and the room goes on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import Any

from chat.protocol import CloseCode
from chat.shared_frame import SharedFrame

QUEUE_FRAMES = 256
QUEUE_CHARS = 1024 * 1024
SEND_TIMEOUT_S = 5.0

WriteFrame = Callable[[bytes], bool]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class _Rest:
    """What remains of a coroutine that was stepped by hand and yielded ``future``."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], future: Any) -> None:
        self._coroutine = coroutine
        self._future = future

    def __await__(self) -> Generator[Any, Any, None]:
        waiting = self._future
        while True:
            try:
                yield waiting
            except asyncio.CancelledError as cancelled:
                # It goes into the coroutine that waits, as a task would do it.
                step = partial(self._coroutine.throw, cancelled)
            else:
                step = partial(self._coroutine.send, None)
            try:
                waiting = step()
            except StopIteration:
                return


class Outlet:
    """Writes frames to one socket. Used from the event loop alone."""

    __slots__ = (
        "_chars",
        "_on_close",
        "_on_writable",
        "_queue",
        "_send",
        "_task",
        "_write_frame",
        "blocked",
        "closed",
    )

    def __init__(
        self,
        send: Send,
        *,
        write_frame: WriteFrame | None,
        on_writable: Callable[[], None],
        on_close: Callable[[CloseCode], object],
    ) -> None:
        self._send = send
        self._write_frame = write_frame
        self._on_writable = on_writable
        self._on_close = on_close
        self._queue: deque[str] = deque()
        self._chars = 0
        self._task: asyncio.Task[None] | None = None
        self.blocked = False
        """A send is under way: frames of rooms wait for ``on_writable``, told ones queue."""
        self.closed = False

    def offer(self, frame: SharedFrame) -> bool:
        """Write a frame that many get, if that can be done now; False where it cannot.

        For frames of rooms: who cannot take one is told later what changed since its
        cursor, so nothing is queued for it and its memory stays bounded.
        """
        if self.blocked or self.closed:
            return False
        if self._write_frame is None or not self._write_frame(frame.wire):
            self._step(frame.message)
        return True

    def tell(self, text: str) -> None:
        """Write a frame that is this socket's own, after those that wait already."""
        if self.closed:
            return
        if not self.blocked:
            self._step({"type": "websocket.send", "text": text})
            return
        self._queue.append(text)
        self._chars += len(text)
        if len(self._queue) > QUEUE_FRAMES or self._chars > QUEUE_CHARS:
            self._fail()

    async def write(self, text: str) -> None:
        """Write a frame once the socket can take one; for answers too large to queue."""
        await self.drained()
        if not self.closed:
            self._step({"type": "websocket.send", "text": text})

    async def write_shared(self, frame: SharedFrame) -> None:
        """Do as ``write``, with bytes that other sockets share."""
        await self.drained()
        self.offer(frame)

    async def drained(self) -> None:
        """Return once nothing waits to be written."""
        while self._task is not None and not self.closed:
            await asyncio.wait({self._task})

    def _step(self, message: dict[str, Any]) -> None:
        coroutine: Any = self._send(message)
        try:
            future = coroutine.send(None)
        except StopIteration:
            return
        except (OSError, RuntimeError):
            # The peer is gone; the consumer hears of it by its own disconnect message.
            self.closed = True
            return
        self.blocked = True
        self._task = asyncio.get_running_loop().create_task(self._finish(_Rest(coroutine, future)))

    async def _finish(self, rest: _Rest) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await rest
                while self._queue:
                    text = self._queue.popleft()
                    self._chars -= len(text)
                    await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            self._fail()
            return
        except (OSError, RuntimeError):
            self.closed = True
            return
        self._task = None
        self.blocked = False
        self._on_writable()

    def _fail(self) -> None:
        """Give a reader up who takes nothing."""
        self.stop()
        self._on_close(CloseCode.TOO_SLOW)

    def stop(self) -> None:
        """Write nothing more, and forget what waits."""
        self.closed = True
        self._queue.clear()
        self._chars = 0
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        self._task = None
