"""The checker finds what it is for: a judge that never finds anything proves nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.checker import judge
from tests.faults.history import Cursor, History


def _sound() -> tuple[list[History], list[dict[str, Any]]]:
    stored = [
        {"id": n + 10, "seq": n, "revision": n + 1, "nonce": f"n{n}", "body": f"b{n}"}
        for n in (1, 2, 3)
    ]
    ada = History("ada", invoked={"n1": "b1", "n3": "b3"}, acknowledged={"n1": (1, 2)})
    bob = History("bob", invoked={"n2": "b2", "n9": "b9"}, acknowledged={"n2": (2, 3)})
    for history in (ada, bob):
        history.seen = copy.deepcopy(stored)
        history.cursors = [Cursor("e", 1), Cursor("e", 4)]
    return [ada, bob], stored


def test_a_sound_history_passes_with_unknown_posts_stored_or_not() -> None:
    assert judge(*_sound()) == []


FAULTS: dict[str, tuple[Callable[[list[History], list[dict[str, Any]]], object], str]] = {
    "lost": (lambda clients, stored: stored.pop(0), "lost"),
    "moved": (lambda clients, stored: clients[0].acknowledged.update(n1=(2, 2)), "stored at 1"),
    "doubled": (
        lambda clients, stored: stored.append({**stored[0], "id": 99, "seq": 4, "revision": 9}),
        "2 messages",
    ),
    "from nowhere": (
        lambda clients, stored: stored[2].update(body="never said"),
        "never said",
    ),
    "refused and stored": (
        lambda clients, stored: clients[0].refused.update(n3="throttled"),
        "refused and stored",
    ),
    "unseen": (lambda clients, stored: clients[1].seen.pop(1), "another room"),
    "another order": (lambda clients, stored: clients[1].seen.reverse(), "another room"),
    "nothing seen": (lambda clients, stored: clients[1].seen.clear(), "sees nothing"),
    "own posts swapped": (
        lambda clients, stored: setattr(clients[0], "invoked", {"n3": "b3", "n1": "b1"}),
        "changed places",
    ),
    "held and stored": (
        lambda clients, stored: (clients[0].held.update(n1=7), clients[0].acknowledged.clear()),
        "nobody approved it",
    ),
    "a hole": (lambda clients, stored: stored[2].update(seq=5), "not dense"),
    "one revision twice": (lambda clients, stored: stored[2].update(revision=2), "the revision 2"),
    "contradicted": (
        lambda clients, stored: clients[0].contradictions.append("two messages at place 1"),
        "ada: two messages",
    ),
    "a cursor back": (
        lambda clients, stored: clients[0].cursors.append(Cursor("e", 2)),
        "cursor went",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_found(fault: str) -> None:
    histories, stored = _sound()
    inflict, words = FAULTS[fault]
    inflict(histories, stored)
    assert any(words in sentence for sentence in judge(histories, stored))


def test_a_held_post_is_no_acknowledged_one_and_may_come_later_than_the_next() -> None:
    (ada, bob), stored = _sound()
    ada.invoked = {"n3": "b3", "n1": "b1", "n8": "b8"}
    ada.held = {"n3": 7, "n8": 8}
    assert judge([ada, bob], stored, approved={"n3"}) == []
    assert any("approved and lost" in s for s in judge([ada, bob], stored, approved={"n3", "n8"}))


def test_a_redacted_text_is_gone_and_a_restored_store_may_forget() -> None:
    (ada, bob), stored = _sound()
    for rows in (stored, ada.seen, bob.seen):
        rows[0].update(body="")
    assert any("never said" in sentence for sentence in judge([ada, bob], stored))
    assert judge([ada, bob], stored, redacted=["n1"]) == []
    for rows in (stored, ada.seen, bob.seen):
        rows.pop(1)
        rows[1].update(seq=2)
    assert any("lost" in sentence for sentence in judge([ada, bob], stored))
    assert judge([ada, bob], stored, redacted=["n1"], forgotten=["n2"]) == []


def test_what_strangers_say_is_nobodys_fault_but_leaves_no_hole() -> None:
    clients, stored = _sound()
    for rows in (stored, *(client.seen for client in clients)):
        rows.append({"id": 20, "seq": 4, "revision": 5, "nonce": "x", "body": "b1"})
    assert any("never said" in sentence for sentence in judge(clients, stored))
    assert judge(clients, stored, strangers=["x"]) == []
    assert any("not dense" in s for s in judge(clients, stored, strangers=["x"], begins=2))
