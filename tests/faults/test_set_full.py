"""What became of each post is said rightly: lost, never read, stale, doubled, out of order."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.history import Cursor, History
from tests.faults.set_full import Fates, fates, percentile
from tests.faults.views import WatchedView

Rows = list[dict[str, Any]]
SAID, ACKNOWLEDGED, SHOWN = 10.0, 10.2, 10.5


def _sound() -> tuple[list[History], Rows]:
    """Ada says two things, bob one; both see all three half a second after they were said."""
    stored: Rows = [
        {"id": n + 10, "seq": n, "revision": n, "nonce": f"n{n}", "body": f"b{n}"}
        for n in (1, 2, 3)
    ]
    ada, bob = History("ada"), History("bob")
    for author, row in ((ada, stored[0]), (bob, stored[1]), (ada, stored[2])):
        nonce = row["nonce"]
        author.invoked[nonce], author.invoked_at[nonce] = row["body"], SAID
        author.acknowledged[nonce] = (row["seq"], row["revision"])
        author.acknowledged_in[nonce], author.answered_at[nonce] = "e", ACKNOWLEDGED
    for history in (ada, bob):
        history.seen = copy.deepcopy(stored)
        history.cursors = [Cursor("e", row["revision"], SHOWN) for row in stored]
        history.shown_at = dict.fromkeys(("n1", "n2", "n3"), SHOWN)
    return [ada, bob], stored


def test_of_a_sound_history_nothing_is_wrong() -> None:
    found = fates(*_sound())
    assert (found.invoked, found.acknowledged, found.unknown) == (3, 3, 0)
    assert (found.lost, found.never_read, found.stale) == ([], [], [])
    assert (found.doubled, found.reordered) == (0, 0)
    assert found.ack_p99_s == pytest.approx(ACKNOWLEDGED - SAID)
    assert found.slowest_shown_s == pytest.approx(SHOWN - ACKNOWLEDGED)


def _unread(clients: list[History], rows: Rows) -> None:
    del clients[1].shown_at["n3"]
    clients[1].cursors.pop()


def _late(clients: list[History], rows: Rows) -> None:
    clients[1].shown_at["n1"] = ACKNOWLEDGED + 7


def _shown_late_by_snapshot(clients: list[History], rows: Rows) -> None:
    """A snapshot that begins above the post, as one gets after a long absence."""
    clients[1].shown_at = {}
    clients[1].seen = []
    clients[1].cursors = [Cursor("e", 3, ACKNOWLEDGED + 7)]


def _left_out(clients: list[History], rows: Rows) -> None:
    """The cursor passed it, the view begins below it, and it is not there."""
    del clients[1].shown_at["n2"]
    clients[1].seen.pop(1)


def _unanswered(clients: list[History], rows: Rows) -> None:
    for told in (clients[0].acknowledged, clients[0].acknowledged_in, clients[0].answered_at):
        del told["n3"]  # type: ignore[attr-defined]


Inflict = Callable[[list[History], Rows], object]
FAULTS: dict[str, tuple[Inflict, Callable[[Fates], bool]]] = {
    "lost": (lambda clients, rows: rows.pop(), lambda found: found.lost == ["b3"]),
    "never read": (_unread, lambda found: found.never_read == ["b3 (bob)"]),
    "left out": (_left_out, lambda found: found.never_read == ["b2 (bob)"]),
    "stale": (
        _late,
        lambda found: found.stale == [("b1", 7.0)] and found.slowest_shown_s == 7,
    ),
    "stale in a snapshot": (
        _shown_late_by_snapshot,
        lambda found: len(found.stale) == 3 and not found.never_read,
    ),
    "unknown": (_unanswered, lambda found: found.unknown == 1 and found.acknowledged == 2),
    "doubled in the store": (
        lambda clients, rows: rows.append({**rows[0], "id": 99, "seq": 4}),
        lambda found: found.doubled == 1,
    ),
    "doubled in a view": (
        lambda clients, rows: clients[0].seen.append(clients[0].seen[0]),
        lambda found: found.doubled == 1,
    ),
    "a view in another order": (
        lambda clients, rows: clients[1].seen.reverse(),
        lambda found: found.reordered == 2,
    ),
    "an author's posts swapped": (
        lambda clients, rows: setattr(clients[0], "invoked", {"n3": "b3", "n1": "b1"}),
        lambda found: found.reordered == 1,
    ),
    "of another epoch": (
        lambda clients, rows: (
            clients[1].shown_at.clear(),
            clients[1].seen.clear(),
            setattr(clients[1], "cursors", [Cursor("other", 9, SHOWN)]),
        ),
        lambda found: len(found.never_read) == 3,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fate_is_told(fault: str) -> None:
    clients, rows = _sound()
    inflict, is_told = FAULTS[fault]
    inflict(clients, rows)
    found = fates(clients, rows)
    found.stale = [(body, round(late, 3)) for body, late in found.stale]
    found.slowest_shown_s = round(found.slowest_shown_s, 3)
    assert is_told(found), found


def test_what_a_restored_store_may_forget_is_not_lost() -> None:
    clients, rows = _sound()
    rows.pop()
    assert fates(clients, rows, forgotten=["n3"]).lost == []


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_a_value_that_was_measured(share: float, value: int) -> None:
    assert percentile([float(n) for n in range(1, 101)], share) == value


# --- What a view must never show on the way -------------------------------------------------


def _changes(since: int, revision: int, *messages: dict[str, Any]) -> dict[str, Any]:
    changed = {"since": since, "revision": revision, "messages": list(messages)}
    return {"type": "changes", "room": 1, **changed}


def _message(number: int, seq: int, revision: int) -> dict[str, Any]:
    return {"id": number, "seq": seq, "revision": revision, "nonce": f"n{number}", "body": "b"}


def _snapshot(revision: int, *messages: dict[str, Any]) -> dict[str, Any]:
    snapshot = {"facts": {"revision": 0}, "revision": revision, "messages": list(messages)}
    return {"type": "reset", "room": 1, "snapshot": snapshot}


@pytest.fixture
def view() -> WatchedView:
    """A view that holds two messages."""
    made = WatchedView(1, History("ada"))
    made.greet("e")
    made.take(_snapshot(2, _message(1, 1, 1), _message(2, 2, 2)))
    return made


def test_what_is_in_order_contradicts_nothing(view: WatchedView) -> None:
    view.take(_changes(2, 3, _message(3, 3, 3)))
    view.take(_changes(1, 2, _message(2, 2, 2)))
    assert view._history.contradictions == []
    assert [cursor.revision for cursor in view._history.cursors] == [2, 3]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (_snapshot(1, _message(1, 1, 1)), "the cursor went from 2 back to 1"),
        (_snapshot(3, _message(1, 1, 1), _message(2, 2, 1)), "message 2 went back"),
        (_changes(2, 3, _message(3, 2, 3)), "two messages at place 2"),
    ],
    ids=["cursor back", "message back", "one place twice"],
)
def test_what_contradicts_itself_is_noted(
    view: WatchedView, frame: dict[str, Any], words: str
) -> None:
    view.take(frame)
    assert any(words in found for found in view._history.contradictions)


def test_another_epoch_may_begin_lower(view: WatchedView) -> None:
    view.greet("f")
    view.take(_snapshot(1, _message(9, 1, 1)))
    assert view._history.contradictions == []
