"""What became of every acknowledged post, and how long it took: Jepsen's set-full with times.

https://github.com/jepsen-io/jepsen/blob/main/jepsen/src/jepsen/checker.clj. Each acknowledged
post is *lost* (the store does not have it), *never read* (some reader who stayed to the end
never had it), *stale* (somebody had it late) or stable.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.faults.history import History

STALE_S = 2.0


@dataclass
class Fates:
    """The figures of one run. Times are seconds."""

    invoked: int = 0
    acknowledged: int = 0
    unknown: int = 0
    lost: list[str] = field(default_factory=list)
    """Texts that were acknowledged and are not stored."""
    never_read: list[str] = field(default_factory=list)
    """``text (reader)`` of what is stored and did not reach somebody."""
    stale: list[tuple[str, float]] = field(default_factory=list)
    """Texts that somebody had later than ``STALE_S`` after they were acknowledged, and when."""
    doubled: int = 0
    reordered: int = 0
    slowest_shown_s: float = 0.0
    """The longest time from an acknowledgement until every reader had the post."""
    ack_p99_s: float = 0.0
    """How long it took to be acknowledged, retries included; all but one of a hundred."""


def fates(
    histories: Sequence[History],
    stored: Sequence[dict[str, Any]],
    forgotten: Collection[str] = (),
) -> Fates:
    """Say what became of each post."""
    found = Fates(
        invoked=sum(len(history.invoked) for history in histories),
        acknowledged=sum(len(history.acknowledged) for history in histories),
        unknown=sum(len(history.unknown) for history in histories),
        doubled=_doubled(histories, stored),
        reordered=sum(_moved_back(order) for order in _orders(histories, stored)),
        ack_p99_s=percentile(_acknowledging(histories), 0.99),
    )
    places = {row["nonce"] for row in stored}
    readers = [Reader(history) for history in histories]
    for author in histories:
        for nonce in author.acknowledged.keys() - set(forgotten):
            if nonce not in places:
                found.lost.append(author.invoked[nonce])
            else:
                _follow(found, author, nonce, readers)
    return found


class Reader:
    """When one reader had come as far as a revision."""

    def __init__(self, history: History) -> None:
        self.name = history.name
        self._shown_at = history.shown_at
        self._begins = min((row["seq"] for row in history.seen), default=math.inf)
        self._revisions: dict[str, list[int]] = defaultdict(list)
        self._times: dict[str, list[float]] = defaultdict(list)
        for cursor in history.cursors:
            self._revisions[cursor.epoch].append(cursor.revision)
            self._times[cursor.epoch].append(cursor.at)

    def had(self, nonce: str, epoch: str, place: tuple[int, int]) -> float | None:
        """When the post of this seq and revision was shown, in a store of this epoch.

        Where a snapshot began above it, as after a long absence, it is when that came.
        """
        seq, revision = place
        if nonce in self._shown_at:
            return self._shown_at[nonce]
        if seq >= self._begins:
            return None
        index = bisect_left(self._revisions[epoch], revision)
        times = self._times[epoch]
        return times[index] if index < len(times) else None


def _follow(found: Fates, author: History, nonce: str, readers: Iterable[Reader]) -> None:
    body, said = author.invoked[nonce], author.answered_at.get(nonce, 0.0)
    epoch = author.acknowledged_in.get(nonce, "")
    slowest = 0.0
    for reader in readers:
        had = reader.had(nonce, epoch, author.acknowledged[nonce])
        if had is None:
            found.never_read.append(f"{body} ({reader.name})")
        else:
            slowest = max(slowest, had - said)
    if slowest > STALE_S:
        found.stale.append((body, slowest))
    found.slowest_shown_s = max(found.slowest_shown_s, slowest)


def _acknowledging(histories: Sequence[History]) -> list[float]:
    return [
        history.answered_at[nonce] - history.invoked_at[nonce]
        for history in histories
        for nonce in history.acknowledged.keys() & history.invoked_at.keys()
    ]


def _doubled(histories: Sequence[History], stored: Sequence[dict[str, Any]]) -> int:
    """How many messages are there more than once, in the store or in a view."""
    places = [*([row["nonce"] for row in rows] for rows in (stored, *(h.seen for h in histories)))]
    return sum(count - 1 for nonces in places for count in Counter(nonces).values())


def _orders(histories: Sequence[History], stored: Sequence[dict[str, Any]]) -> Iterable[list[int]]:
    """What ought to ascend: each author's own posts, and each view by the store's places."""
    places = {row["nonce"]: row["seq"] for row in stored}
    for history in histories:
        said = [nonce for nonce in history.invoked if nonce not in history.held]
        yield [places[nonce] for nonce in said if nonce in places]
        yield [places[row["nonce"]] for row in history.seen if row["nonce"] in places]


def _moved_back(order: Sequence[int]) -> int:
    return sum(after < before for before, after in pairwise(order))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all do not exceed; 0 where there are none."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]
