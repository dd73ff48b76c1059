"""A snapshot is the room as it stands; history is the rest, page by page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.actions import rooms
from chat.actions.redaction import redact_messages
from chat.models import Message, Room, User
from chat.post_intents import PostIntent
from chat.posting import commit_posts
from chat.protocol import HISTORY_DEFAULT, HISTORY_MAX, SNAPSHOT_MESSAGES
from chat.resume import read_history, read_snapshot
from chat.snapshots import snapshot_of
from tests.conftest import Post, fresh, new_nonce


@pytest.fixture
def long_room(bob: User, lobby: Room) -> Room:
    """A room with 120 messages."""
    commit_posts([PostIntent(bob.pk, lobby.pk, new_nonce(), f"Number {n}.") for n in range(120)])
    return fresh(lobby)


def _page(room: Room, **where: int) -> list[int]:
    page: dict[str, Any] = json.loads(read_history(room, **where))
    assert (page["revision"], page["last_seq"]) == (room.revision, room.last_seq)
    return [message["seq"] for message in page["messages"]]


def test_a_snapshot_has_the_newest_messages_without_a_hole(long_room: Room) -> None:
    snapshot = json.loads(read_snapshot(long_room.pk).text)
    seqs = [message["seq"] for message in snapshot["messages"]]
    assert seqs == list(range(121 - SNAPSHOT_MESSAGES, 121))
    assert snapshot["last_seq"] == 120
    assert snapshot["revision"] == long_room.revision
    assert snapshot["facts"]["name"] == "The lobby"


def test_a_snapshot_of_an_empty_room_is_its_facts(lobby: Room) -> None:
    snapshot = json.loads(read_snapshot(lobby.pk).text)
    assert snapshot["messages"] == []
    assert (snapshot["last_seq"], snapshot["facts"]["members"]) == (0, 2)


def test_tombstones_keep_their_places(ada: User, long_room: Room) -> None:
    redacted = Message.objects.get(room=long_room, seq=100)
    redact_messages(actor=ada, message_ids=[redacted.pk])
    snapshot = json.loads(read_snapshot(long_room.pk).text)
    message = snapshot["messages"][29]
    assert (message["seq"], message["body"]) == (100, "")
    assert message["redacted"]["by"] == "moderator"
    assert "reason" not in message["redacted"]


def test_a_kept_snapshot_is_shared_until_the_room_moves_on(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    post(bob, lobby)
    first = snapshot_of(fresh(lobby))
    assert snapshot_of(fresh(lobby)) is first
    rooms.set_topic(actor=ada, room_id=lobby.pk, topic="Tea")
    second = snapshot_of(fresh(lobby))
    assert second.revision == fresh(lobby).revision
    assert json.loads(second.text)["facts"]["topic"] == "Tea"


@pytest.mark.parametrize(
    ("where", "seqs"),
    [
        ({}, range(71, 121)),
        ({"limit": 3}, range(118, 121)),
        ({"before": 10}, range(1, 10)),
        ({"before": 60, "limit": 5}, range(55, 60)),
        ({"before": 1}, range(0)),
        ({"before": 0}, range(0)),
        ({"after": 118}, range(119, 121)),
        ({"after": 0, "limit": 2}, range(1, 3)),
        ({"after": 120}, range(0)),
        ({"around": 60, "limit": 4}, range(58, 62)),
        ({"around": 1, "limit": 4}, range(1, 3)),
        ({"around": 120, "limit": 4}, range(118, 121)),
        ({"before": 10**15, "limit": HISTORY_MAX}, range(21, 121)),
    ],
    ids=str,
)
def test_history_comes_in_pages_by_place(
    where: dict[str, int], seqs: range, long_room: Room
) -> None:
    assert _page(long_room, **where) == list(seqs)


def test_history_read_backwards_has_every_message_once(long_room: Room) -> None:
    read: list[int] = []
    before = long_room.last_seq + 1
    while page := _page(long_room, before=before):
        assert len(page) <= HISTORY_DEFAULT
        read = page + read
        before = page[0]
    assert read == list(range(1, 121))
