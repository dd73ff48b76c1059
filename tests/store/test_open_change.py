"""The clock: an open change hands out revisions, and whatever fails burns none."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction

from chat import errors
from chat.actions import members, messages, rooms
from chat.actions.messages import edit_message
from chat.actions.redaction import redact_messages
from chat.changes import open_change
from chat.models import Message, Room, User
from chat.verifying import find_damage
from tests.conftest import Post, fresh, new_nonce
from tests.store.conftest import Rung


def _clock(room: Room) -> tuple[int, int]:
    room = fresh(room)
    return room.revision, room.last_seq


def test_every_change_ticks_once_and_only_posts_take_a_place(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    revision, seq = _clock(lobby)
    message = post(bob, lobby)
    assert (message.revision, message.seq) == (revision + 1, seq + 1)
    edit_message(actor=bob, message_id=message.pk, body="Hello again.")
    assert _clock(lobby) == (revision + 2, seq + 1)
    redact_messages(actor=ada, message_ids=[message.pk])
    rooms.set_topic(actor=ada, room_id=lobby.pk, topic="Tea")
    assert _clock(lobby) == (revision + 4, seq + 1)
    assert fresh(message).revision == revision + 3
    assert fresh(lobby).facts_revision == revision + 4
    assert list(find_damage()) == []


@pytest.mark.parametrize(
    "attempt",
    [
        lambda cast, room, message: messages.post_message(
            actor=cast["eve"], room_id=room.pk, nonce=new_nonce(), body="Let me in."
        ),
        lambda cast, room, message: messages.post_message(
            actor=cast["bob"], room_id=room.pk, nonce=message.nonce, body="Another text."
        ),
        lambda cast, room, message: edit_message(
            actor=cast["ada"], message_id=message.pk, body="I was here."
        ),
        lambda cast, room, message: edit_message(
            actor=cast["bob"], message_id=message.pk, body="Late.", if_revision=1
        ),
        lambda cast, room, message: redact_messages(actor=cast["eve"], message_ids=[message.pk]),
        lambda cast, room, message: members.leave_room(actor=cast["ada"], room_id=room.pk),
        lambda cast, room, message: rooms.rename_room(
            actor=cast["bob"], room_id=room.pk, name="Bob's"
        ),
        lambda cast, room, message: rooms.archive_room(actor=cast["eve"], room_id=room.pk),
    ],
    ids=[
        "outsider posts",
        "nonce conflict",
        "not the author",
        "stale edit",
        "outsider redacts",
        "last owner leaves",
        "member renames",
        "outsider archives",
    ],
)
def test_a_refused_command_burns_no_revision(
    attempt: Any, ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    before = _clock(lobby)
    with pytest.raises(errors.ChatError):
        attempt({"ada": ada, "bob": bob, "eve": eve}, lobby, message)
    assert _clock(lobby) == before


@pytest.mark.parametrize(
    "repeat",
    [
        lambda ada, bob, room, message: messages.post_message(
            actor=bob, room_id=room.pk, nonce=message.nonce, body=message.body
        ),
        lambda ada, bob, room, message: edit_message(
            actor=bob, message_id=message.pk, body=message.body
        ),
        lambda ada, bob, room, message: members.join_room(actor=bob, room_id=room.pk),
        lambda ada, bob, room, message: rooms.restore_room(actor=ada, room_id=room.pk),
        lambda ada, bob, room, message: members.set_role(
            actor=ada, room_id=room.pk, user_id=bob.pk, role="member"
        ),
    ],
    ids=["post", "edit", "join", "restore", "role"],
)
def test_a_repeated_command_burns_no_revision(
    repeat: Any, ada: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    before = _clock(lobby)
    repeat(ada, bob, lobby, message)
    assert _clock(lobby) == before


def test_redacting_a_tombstone_burns_no_revision(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    redact_messages(actor=ada, message_ids=[message.pk])
    before = _clock(lobby)
    [mark] = redact_messages(actor=bob, message_ids=[message.pk])
    assert mark.revision == fresh(message).revision
    assert _clock(lobby) == before


@pytest.mark.django_db(transaction=True)
def test_what_fails_inside_a_change_is_rolled_back_and_not_told(
    bob: User, lobby: Room, rung: Rung
) -> None:
    before = _clock(lobby)

    def fail() -> None:
        with open_change(lobby.pk) as change:
            change.add(_message(bob))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert _clock(lobby) == before
    assert not Message.objects.filter(room=lobby).exists()
    assert rung == []


@pytest.mark.django_db(transaction=True)
def test_a_change_is_told_once_and_after_the_commit(bob: User, lobby: Room, rung: Rung) -> None:
    rung.clear()
    before = fresh(lobby).revision
    with open_change(lobby.pk) as change:
        change.add(_message(bob))
        change.add(_message(bob))
        assert rung == []
    [(group, told)] = rung
    assert group == f"room.{lobby.pk}"
    assert (told["since"], told["revision"], told["last_seq"]) == (before, before + 2, 2)
    assert [part[1] for part in told["parts"]] == [before + 1, before + 2]


@pytest.mark.django_db(transaction=True)
def test_changes_nested_in_one_transaction_stand_or_fall_together(
    ada: User, bob: User, lobby: Room, rung: Rung
) -> None:
    other = rooms.create_room(actor=ada, name="Another")
    rung.clear()
    clocks = _clock(lobby), _clock(other)

    def change_both(*, fail: bool) -> None:
        with transaction.atomic():
            for room in (lobby, other):
                with open_change(room.pk) as change:
                    change.add(_message(ada))
            assert rung == []
            if fail:
                raise errors.ForbiddenError

    with pytest.raises(errors.ForbiddenError):
        change_both(fail=True)
    assert rung == []
    assert (_clock(lobby), _clock(other)) == clocks
    change_both(fail=False)
    assert [group for group, _ in rung] == [f"room.{lobby.pk}", f"room.{other.pk}"]
    assert list(find_damage()) == []


@pytest.mark.django_db(transaction=True)
def test_redacting_in_several_rooms_at_once_is_all_or_nothing(
    ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    hers = rooms.create_room(actor=eve, name="Eve's")
    members.join_room(actor=ada, room_id=hers.pk)
    mine, foreign = post(bob, lobby), post(eve, hers)
    clocks = _clock(lobby), _clock(hers)
    with pytest.raises(errors.ForbiddenError):
        redact_messages(actor=ada, message_ids=[mine.pk, foreign.pk])
    assert (_clock(lobby), _clock(hers)) == clocks
    assert not fresh(mine).is_tombstone


def test_a_room_that_does_not_exist_cannot_be_opened(db: None) -> None:
    with pytest.raises(errors.NotFoundError), open_change(404):
        pass


@pytest.mark.django_db(transaction=True)
def test_commit_order_is_revision_order_whoever_writes(
    ada: User, bob: User, lobby: Room, post: Post, rung: Rung
) -> None:
    """Eight threads write through different doors at once; no tick is missing or told twice."""
    first = post(bob, lobby)
    rung.clear()
    start = threading.Barrier(8)

    def write(number: int) -> None:
        try:
            start.wait(10)
            for step in range(10):
                if number % 2:
                    post(bob, lobby)
                elif number % 4:
                    edit_message(actor=bob, message_id=first.pk, body=f"{number}.{step}")
                else:
                    rooms.set_topic(actor=ada, room_id=lobby.pk, topic=f"{number}.{step}")
        finally:
            connection.close()

    _run_threads(write, 8)
    spans = [(told["since"], told["revision"]) for _, told in rung if told["type"] == "changes"]
    assert len(spans) == 80
    ordered = sorted(spans)
    assert all(a[1] == b[0] for a, b in pairwise(ordered))
    assert list(find_damage()) == []


def _run_threads(target: Any, count: int) -> None:
    threads = [threading.Thread(target=target, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def _message(author: User) -> Message:
    from django.utils import timezone

    return Message(
        author=author,
        nonce=new_nonce(),
        nonce_digest=bytes(32),
        body="By hand.",
        created_at=timezone.now(),
    )
