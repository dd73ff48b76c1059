"""Rooms that somebody else holds: their posts wait here, and the posts of no other room do.

The writer passes a room by whose row is locked: by a post in another process for some
milliseconds, by an operator's open shell for as long as it stays open. From then on the
posts of that room go through here, one after the other, until none of them waits.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from chat import metrics
from chat.batches import Store, Waiting, answer, commit
from chat.errors import BusyError
from chat.lane import BATCH_LIMIT

logger = logging.getLogger(__name__)

THREADS = 4
"""So many held rooms are waited for at a time."""


class LateRooms:
    """What waits for held rooms. ``store`` commits posts, and waits for the lock of their room."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._waiting: dict[int, list[Waiting]] = {}
        """By room, in order; a post stays until it has been answered."""
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="late-room")

    @property
    def waiting(self) -> int:
        """How many posts wait."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    def keep(self, batch: list[Waiting]) -> list[Waiting]:
        """Keep the posts whose room has others waiting here; return all the others."""
        if not self._waiting:
            return batch
        on_time: list[Waiting] = []
        with self._lock:
            for each in batch:
                late = self._waiting.get(each[0].room_id)
                (on_time if late is None else late).append(each)
        return on_time

    def add(self, passed_by: Sequence[Waiting]) -> None:
        """Let posts wait for their rooms, which were passed by just now."""
        new = set()
        with self._lock:
            for each in passed_by:
                room_id = each[0].room_id
                if room_id not in self._waiting:
                    self._waiting[room_id] = []
                    new.add(room_id)
                self._waiting[room_id].append(each)
        for room_id in new:
            self._threads.submit(self._catch_up, room_id)

    def _catch_up(self, room_id: int) -> None:
        batch = self._next(room_id)
        if not batch:
            return
        try:
            outcomes = commit(batch, "posts", self._store)
            metrics.count_posts(outcomes)
        except Exception as fault:
            # Nobody may wait for ever, neither these nor who comes to the room after them.
            logger.exception("a batch of %s was not seen to its end", len(batch))
            self._refuse_others(room_id, 0, fault)
            return
        if isinstance(outcomes[0], BusyError):
            self._refuse_others(room_id, len(batch), outcomes[0])
            return
        self._done(room_id, len(batch))
        # Behind the rooms that wait for a thread: some are never without a post.
        self._threads.submit(self._catch_up, room_id)

    def _next(self, room_id: int) -> list[Waiting]:
        """Return what waits for the room; where nothing does, the room is late no longer."""
        with self._lock:
            batch = self._waiting[room_id][:BATCH_LIMIT]
            if not batch:
                del self._waiting[room_id]
            return batch

    def _done(self, room_id: int, count: int) -> None:
        with self._lock:
            del self._waiting[room_id][:count]

    def _refuse_others(self, room_id: int, told: int, refusal: Exception) -> None:
        """Tell all who came meanwhile, too: stored after a refused one they would overtake it."""
        with self._lock:
            others = self._waiting.pop(room_id)[told:]
        answer(others, [refusal] * len(others))
        metrics.count_posts([refusal] * len(others))
