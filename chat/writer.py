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
from collections import defaultdict
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any, cast

from django.db import close_old_connections

from chat import errors, metrics
from chat.post_intents import PostIntent
from chat.posting import Outcome, commit_posts
from chat.protocol import HeldMark, Mark
from chat.read_marks import ReadIntent, commit_reads
from chat.search import tidying

logger = logging.getLogger(__name__)

BATCH_LIMIT = 500
GATHER_S = 0.0005
"""How long a busy writer waits for those whom it has just answered to post again."""

Waiting = tuple[PostIntent | ReadIntent, "asyncio.Future[Any]"]


class Writer:
    """The writing thread of this process. Started at its first intent."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Waiting] = SimpleQueue()
        self._started = False
        self._last_batch = 0
        self._starting = threading.Lock()

    def post(self, intent: PostIntent) -> asyncio.Future[Mark | HeldMark]:
        """Return a future of the stored message's mark.

        It raises what ``chat.posting_rules`` does, ``NonceConflictError`` or ``BusyError``.
        Two intents given one after the other from one loop keep their order.
        """
        return self._put(intent)

    def read(self, intent: ReadIntent) -> asyncio.Future[int | None]:
        """Return a future of the seq that ``commit_reads`` returns. Raises ``BusyError``."""
        return self._put(intent)

    @property
    def waiting(self) -> int:
        """How many intents wait to be taken."""
        return self._queue.qsize()

    def _put(self, intent: PostIntent | ReadIntent) -> asyncio.Future[Any]:
        future = asyncio.get_running_loop().create_future()
        self._queue.put((intent, future))
        if not self._started:
            self._start()
        return future

    def _start(self) -> None:
        with self._starting:
            if not self._started:
                threading.Thread(target=self._run, name="writer", daemon=True).start()
                self._started = True

    def _run(self) -> None:
        while True:
            batch = self._take()
            posts = [item for item in batch if isinstance(item[0], PostIntent)]
            reads = [item for item in batch if isinstance(item[0], ReadIntent)]
            metrics.count_posts(self._commit(posts, "posts", _store_posts))
            self._commit(reads, "reads", _store_reads)
            tidying.start_if_due()

    def _take(self) -> list[Waiting]:
        batch = [self._queue.get()]
        if self._last_batch > 1:
            # Under load those who were just answered are about to post again: a moment
            # of patience, a fraction of a commit, doubles the batch. Idle, there is none.
            time.sleep(GATHER_S)
        try:
            while len(batch) < BATCH_LIMIT:
                batch.append(self._queue.get_nowait())
        except Empty:
            pass
        self._last_batch = len(batch)
        return batch

    def _commit(self, batch: list[Waiting], kind: str, store: Any) -> Sequence[Any]:
        """Store what waits, answer everyone, and return the answers."""
        if not batch:
            return ()
        started = time.perf_counter()
        intents = [intent for intent, _ in batch]
        outcomes: Sequence[Any]
        try:
            close_old_connections()
            outcomes = store(intents)
        except errors.ChatError as refusal:
            outcomes = [refusal] * len(batch)
        except Exception as fault:
            # A fault of ours. Everyone who waits is told, and the thread lives on.
            logger.exception("a batch of %s could not be committed", len(batch))
            outcomes = [fault] * len(batch)
        seconds = time.perf_counter() - started
        _answer(batch, outcomes)
        # Only now: who waits for an answer does not wait for the figures.
        metrics.count_batch(kind, len(batch), seconds)
        return outcomes


def _store_posts(intents: Sequence[Any]) -> Sequence[Outcome]:
    return commit_posts(cast("Sequence[PostIntent]", intents))


def _store_reads(intents: Sequence[Any]) -> Sequence[int | None]:
    return commit_reads(cast("Sequence[ReadIntent]", intents))


def _answer(batch: list[Waiting], outcomes: Sequence[Any]) -> None:
    """Hand the outcomes to the loops that wait, with one wake-up for each loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = defaultdict(
        list
    )
    for (_, future), outcome in zip(batch, outcomes, strict=True):
        by_loop[future.get_loop()].append((future, outcome))
    for loop, answers in by_loop.items():
        # A loop that is closed has no one left who waits.
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, answers)


def _resolve(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, outcome in answers:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


writer = Writer()
