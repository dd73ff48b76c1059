"""What indexing costs a post: batches committed with it and without, in turns, in one run.

So whatever else the machine does is shared by both, and their ratio says something even then.
Half of the messages stay unindexed; it is a store to be thrown away.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from importlib import import_module
from itertools import count
from statistics import median
from typing import Any

from benchmarks.chatter import Chatter
from benchmarks.figures import Figure, at_most

BATCHES = {1: 150, 64: 100}
"""How many batches of each size are committed each way."""
TARGET_US = 30
SENDERS = 64


def figures(scenario: str) -> Iterable[Figure]:
    """Post to a room of its own, and compare."""
    posting: Any = import_module("chat.posting")
    room_id, senders = _room()
    chatter, numbers = Chatter(3), count()
    index = posting.index_messages
    for size, batches in BATCHES.items():
        took: dict[bool, list[float]] = {True: [], False: []}
        for number in range(2 * batches):
            is_indexed = number % 2 == 0
            posting.index_messages = index if is_indexed else _leave_out
            texts = [(next(numbers), chatter.message()) for _ in range(size)]
            took[is_indexed].append(_commit(room_id, senders, texts))
        posting.index_messages = index
        more = median(took[True]) - median(took[False])
        times = median(took[True]) / median(took[False])
        what = f"a post, {size} a batch" if size > 1 else "a post alone"
        target = at_most(TARGET_US) if size > 1 else None
        yield Figure(scenario, f"indexing {what}: more", "µs", (more,), target)
        yield Figure(scenario, f"indexing {what}: times as much", "×", (times,))


def _leave_out(entries: Any) -> None:
    """Index nothing."""


def _room() -> tuple[int, list[int]]:
    from chat.models import Membership, Room, User

    ids = list(User.objects.order_by("pk").values_list("pk", flat=True)[:SENDERS])
    room = Room.log.create(name="New", name_key="new", member_count=len(ids))
    Membership.log.bulk_create([Membership(room=room, user_id=pk) for pk in ids])
    return room.pk, ids


def _commit(room_id: int, senders: list[int], texts: list[tuple[int, str]]) -> float:
    """Return the microseconds that a post took, judged, stored and made durable."""
    from chat.post_intents import PostIntent
    from chat.posting import commit_posts
    from chat.search import tidying

    intents = [
        PostIntent(senders[number % len(senders)], room_id, f"new-{number:08d}", text)
        for number, text in texts
    ]
    began = time.perf_counter()
    outcomes = commit_posts(intents)
    took = time.perf_counter() - began
    assert all(hasattr(outcome, "seq") for outcome in outcomes), outcomes
    # As the writer does.
    tidying.start_if_due()
    return 1e6 * took / len(intents)
