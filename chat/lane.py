"""Group commit: one thread takes whatever waits and commits it in one transaction.

Idle, it waits for nothing: a lone post is committed at once. Under load a batch is what
arrived while the last one was being made durable, so batches form by themselves
(the idea is that of group commit in databases; see DeWitt et al., SIGMOD 1984).
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from chat.batches import Waiting, answer
from chat.post_intents import PostIntent
from chat.read_marks import ReadIntent

logger = logging.getLogger(__name__)

BATCH_LIMIT = 500
GATHER_S = 0.0005
"""How long a busy lane waits for those whom it has just answered to ask again."""


class Lane:
    """One thread and its queue. Started at its first intent.

    ``store`` commits a batch and sees to it that everyone in it is answered.
    """

    def __init__(self, name: str, store: Callable[[list[Waiting]], None]) -> None:
        self._name = name
        self._store = store
        self._queue: SimpleQueue[Waiting] = SimpleQueue()
        self._started = False
        self._starting = threading.Lock()
        self._under_way = 0
        self._last_batch = 0

    @property
    def waiting(self) -> int:
        """How many intents wait: to be taken, or to be stored."""
        return self._queue.qsize() + self._under_way

    def put(self, intent: PostIntent | ReadIntent) -> asyncio.Future[Any]:
        """Return a future of the intent's outcome."""
        future = asyncio.get_running_loop().create_future()
        self._queue.put((intent, future))
        if not self._started:
            self._start()
        return future

    def _start(self) -> None:
        with self._starting:
            if not self._started:
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
                self._started = True

    def _run(self) -> None:
        while True:
            batch = self._take()
            try:
                self._store(batch)
            except Exception as fault:
                # Nobody may wait for ever, and the thread lives on.
                logger.exception("a batch of %s was not seen to its end", len(batch))
                answer(batch, [fault] * len(batch))
            self._under_way = 0

    def _take(self) -> list[Waiting]:
        batch = [self._queue.get()]
        # Before any more are taken, so that nothing is ever out of sight.
        self._under_way = 1
        if self._last_batch > 1:
            # Under load those who were just answered are about to ask again: a moment
            # of patience, a fraction of a commit, doubles the batch. Idle, there is none.
            time.sleep(GATHER_S)
        try:
            while len(batch) < BATCH_LIMIT:
                batch.append(self._queue.get_nowait())
        except Empty:
            pass
        self._under_way = self._last_batch = len(batch)
        return batch
