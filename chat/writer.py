"""What this process writes much of, posts and read marks, committed many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from chat import metrics
from chat.batches import Waiting, commit
from chat.lane import Lane
from chat.late_rooms import LateRooms
from chat.post_intents import PostIntent
from chat.posting import LATER, Later, Outcome, commit_posts, commit_posts_of_free_rooms
from chat.protocol import HeldMark, Mark
from chat.read_marks import ReadIntent, commit_reads
from chat.search import tidying


class Writer:
    """The writing threads of this process: nobody's post waits for a read mark or a held room."""

    def __init__(self) -> None:
        self._posts = Lane("writer", self._store_posts)
        self._reads = Lane("read-marks", self._store_reads)
        self._late = LateRooms(_commit_posts)

    def post(self, intent: PostIntent) -> asyncio.Future[Mark | HeldMark]:
        """Return a future of the stored message's mark.

        It raises what ``chat.posting_rules`` does, ``NonceConflictError`` or ``BusyError``.
        Two intents for a room given one after the other from one loop keep their order.
        """
        return self._posts.put(intent)

    def read(self, intent: ReadIntent) -> asyncio.Future[int | None]:
        """Return a future of the seq that ``commit_reads`` returns. Raises ``BusyError``."""
        return self._reads.put(intent)

    @property
    def waiting(self) -> int:
        """How many intents are not answered yet."""
        return self._posts.waiting + self._reads.waiting + self._late.waiting

    def _store_posts(self, batch: list[Waiting]) -> None:
        on_time = self._late.keep(batch)
        outcomes = commit(on_time, "posts", _commit_posts_of_free_rooms)
        if any(outcome is LATER for outcome in outcomes):
            pairs = zip(on_time, outcomes, strict=True)
            self._late.add([waiting for waiting, outcome in pairs if outcome is LATER])
            outcomes = [outcome for outcome in outcomes if outcome is not LATER]
        metrics.count_posts(outcomes)
        tidying.start_if_due()

    def _store_reads(self, batch: list[Waiting]) -> None:
        commit(batch, "reads", _commit_reads)


def _commit_posts(intents: Sequence[Any]) -> Sequence[Outcome]:
    return commit_posts(cast("Sequence[PostIntent]", intents))


def _commit_posts_of_free_rooms(intents: Sequence[Any]) -> Sequence[Outcome | Later]:
    return commit_posts_of_free_rooms(cast("Sequence[PostIntent]", intents))


def _commit_reads(intents: Sequence[Any]) -> Sequence[int | None]:
    return commit_reads(cast("Sequence[ReadIntent]", intents))


writer = Writer()
