"""One command of a socket after the other, while its frames are read on.

So a ping is answered, and a post is given to the writer, though an edit before it still
waits for the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

WAITING_LIMIT = 64
"""Beyond so many commands that wait their turn a socket is not read."""


class Turns:
    """Used from the event loop alone."""

    def __init__(self) -> None:
        # asyncio's locks wake their waiters in the order in which they came.
        self._turn = asyncio.Lock()
        self._places = asyncio.Semaphore(WAITING_LIMIT)
        self._tasks: set[asyncio.Task[None]] = set()

    async def give(self, work: Callable[[], Awaitable[Any]]) -> None:
        """Let ``work`` be done after what was given before; wait only where too much waits."""
        await self._places.acquire()
        task = asyncio.get_running_loop().create_task(self._do(work))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def _do(self, work: Callable[[], Awaitable[Any]]) -> None:
        async with self._turn:
            await work()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._places.release()

    def stop(self) -> None:
        """Forget what waits: its socket has gone. What has begun in the database is ended there."""
        for task in self._tasks:
            task.cancel()
