"""Judges histories, in the manner of Jepsen's set-full (https://jepsen.io).

Given what each client invoked, was told and saw, and what the store has: nothing that was
acknowledged is lost, nothing is there twice or from nowhere, everyone has the same order,
and no cursor went back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import Any

from tests.faults.history import History


def judge(
    histories: Sequence[History],
    stored: Sequence[dict[str, Any]],
    approved: Collection[str] = (),
    redacted: Collection[str] = (),
    forgotten: Collection[str] = (),
    strangers: Collection[str] = (),
    begins: int = 1,
) -> list[str]:
    """Return a sentence for every broken promise.

    Given as nonces: held posts that were ``approved``, posts that were ``redacted``, posts that
    a restored store may have ``forgotten`` though an older one had acknowledged them, and posts
    of ``strangers`` who have no history here. ``stored`` is all from the place ``begins`` on.
    """
    return [
        *_lost_or_from_nowhere(histories, stored, redacted, forgotten, strangers),
        *_twice([row for row in stored if row["nonce"] not in strangers], "nonce", "body"),
        *_twice(stored, "seq", "revision"),
        *_dense(stored, begins),
        *_views(histories, stored),
        *_own_order(histories, stored),
        *_held(histories, stored, approved),
        *_on_the_way(histories),
    ]


def _lost_or_from_nowhere(
    histories: Sequence[History],
    stored: Sequence[dict[str, Any]],
    redacted: Collection[str],
    forgotten: Collection[str],
    strangers: Collection[str],
) -> Iterable[str]:
    """acknowledged ⊆ stored ⊆ invoked, with the places and texts that were told."""
    invoked = {nonce: body for history in histories for nonce, body in history.invoked.items()}
    by_nonce = {row["nonce"]: row for row in stored}
    for row in stored:
        said = "" if row["nonce"] in redacted else invoked.get(row["nonce"])
        if said != row["body"] and row["nonce"] not in strangers:
            yield f"stored, but never said: {row}"
    for history in histories:
        for nonce in history.acknowledged.keys() - set(forgotten):
            seq, row = history.acknowledged[nonce][0], by_nonce.get(nonce)
            if row is None:
                yield f"{history.name}: acknowledged and lost: {invoked[nonce]}"
            elif row["seq"] != seq:
                yield f"{history.name}: acknowledged at {seq}, but stored at {row['seq']}"
        for nonce in history.refused.keys() & by_nonce.keys():
            yield f"{history.name}: refused and stored: {invoked[nonce]}"


def _held(
    histories: Sequence[History], stored: Sequence[dict[str, Any]], approved: Collection[str]
) -> Iterable[str]:
    """A held post is no message until it is approved, and then it is one for ever."""
    places = {row["nonce"] for row in stored}
    for history in histories:
        for nonce in history.held:
            if nonce in places and nonce not in approved:
                yield f"{history.name}: stored, though nobody approved it: {history.invoked[nonce]}"
            if nonce in approved and nonce not in places:
                yield f"{history.name}: approved and lost: {history.invoked[nonce]}"


def _twice(stored: Sequence[dict[str, Any]], *columns: str) -> Iterable[str]:
    for what in columns:
        for value, count in Counter(row[what] for row in stored).items():
            # Tombstones have the same body, which is none.
            if count > 1 and value != "":
                yield f"{count} messages have the {what} {value}"


def _dense(stored: Sequence[dict[str, Any]], begins: int) -> Iterable[str]:
    if [row["seq"] for row in stored] != list(range(begins, begins + len(stored))):
        yield "the places are not dense"


def _views(histories: Sequence[History], stored: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Everyone's final view is the store's end: the same messages in the same order."""
    expected = [(row["seq"], row["id"], row["body"]) for row in stored]
    for history in histories:
        seen = [(message["seq"], message["id"], message["body"]) for message in history.seen]
        if seen != expected[len(expected) - len(seen) :]:
            missing = [row for row in expected if row not in seen][-3:]
            extra = [row for row in seen if row not in expected][:3]
            yield f"{history.name} sees another room: missing {missing}, extra {extra}"
        if not seen and stored:
            yield f"{history.name} sees nothing"


def _own_order(histories: Sequence[History], stored: Sequence[dict[str, Any]]) -> Iterable[str]:
    """Two posts of one client keep the order in which it made them, unless one had to wait."""
    places = {row["nonce"]: row["seq"] for row in stored}
    for history in histories:
        said = [nonce for nonce in history.invoked if nonce not in history.held]
        own = [places[nonce] for nonce in said if nonce in places]
        if own != sorted(own):
            yield f"{history.name}: its posts changed places"


def _on_the_way(histories: Sequence[History]) -> Iterable[str]:
    for history in histories:
        for sentence in history.contradictions:
            yield f"{history.name}: {sentence}"
        for before, after in pairwise(history.cursors):
            if before.epoch == after.epoch and after.revision <= before.revision:
                went = f"from {before.revision} to {after.revision}"
                yield f"{history.name}: its cursor went {went}"
