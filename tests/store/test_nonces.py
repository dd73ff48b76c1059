"""One intent, one message: what the same nonce means, for ever."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from django.db import connection

from chat import errors
from chat.actions import members, rooms
from chat.actions.messages import edit_message, post_message
from chat.actions.redaction import redact_messages
from chat.models import Message, Room, User
from chat.post_intents import PostIntent
from chat.posting import commit_posts
from chat.verifying import find_damage
from tests.conftest import Post, fresh
from tests.patience import until_answered

NONCE = "once-only"


def test_the_same_nonce_and_body_return_the_first_message(
    bob: User, lobby: Room, post: Post
) -> None:
    first = post(bob, lobby, "Hello.", NONCE)
    again = post(bob, lobby, "Hello.", NONCE)
    assert again == first
    assert again.revision == first.revision
    assert Message.objects.count() == 1


def test_the_same_nonce_with_another_body_is_a_conflict(bob: User, lobby: Room, post: Post) -> None:
    post(bob, lobby, "Hello.", NONCE)
    with pytest.raises(errors.NonceConflictError):
        post(bob, lobby, "Goodbye.", NONCE)


def test_a_retry_after_an_edit_is_known_by_the_text_first_sent(
    bob: User, lobby: Room, post: Post
) -> None:
    first = post(bob, lobby, "Hello.", NONCE)
    edit_message(actor=bob, message_id=first.pk, body="Hello, everyone.")
    assert post(bob, lobby, "Hello.", NONCE).pk == first.pk
    with pytest.raises(errors.NonceConflictError):
        post(bob, lobby, "Hello, everyone.", NONCE)
    assert fresh(first).body == "Hello, everyone."


def test_on_a_tombstone_it_returns_the_tombstone_and_no_text(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    first = post(bob, lobby, "Secret.", NONCE)
    redact_messages(actor=ada, message_ids=[first.pk])
    again = post(bob, lobby, "Secret.", NONCE)
    assert again.pk == first.pk
    assert (again.body, again.is_tombstone) == ("", True)


@pytest.mark.parametrize("redacted", [False, True], ids=["whole", "redacted"])
def test_a_nonce_used_in_another_room_is_a_conflict_not_a_silence(
    redacted: bool, ada: User, bob: User, lobby: Room, post: Post
) -> None:
    other = rooms.create_room(actor=bob, name="Another")
    first = post(bob, lobby, "Hello.", NONCE)
    if redacted:
        redact_messages(actor=ada, message_ids=[first.pk])
    with pytest.raises(errors.NonceConflictError):
        post(bob, other, "Hello.", NONCE)
    assert fresh(other).last_seq == 0


def test_two_people_may_use_the_same_nonce(ada: User, bob: User, lobby: Room, post: Post) -> None:
    assert post(ada, lobby, "Hello.", NONCE) != post(bob, lobby, "Hello.", NONCE)


def test_a_retry_is_answered_though_its_author_has_left_and_the_room_is_archived(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    first = post(bob, lobby, "Hello.", NONCE)
    members.leave_room(actor=bob, room_id=lobby.pk)
    rooms.archive_room(actor=ada, room_id=lobby.pk)
    assert post(bob, lobby, "Hello.", NONCE) == first


def test_a_refused_post_leaves_its_nonce_free(eve: User, lobby: Room, post: Post) -> None:
    with pytest.raises(errors.NotAMemberError):
        post(eve, lobby, "Hello.", NONCE)
    members.join_room(actor=eve, room_id=lobby.pk)
    assert post(eve, lobby, "Hello.", NONCE).seq == 1


def test_a_batch_with_the_same_nonce_many_times_stores_one(bob: User, lobby: Room) -> None:
    intents = [PostIntent(bob.pk, lobby.pk, NONCE, "Hello.") for _ in range(100)]
    outcomes = commit_posts([*intents, PostIntent(bob.pk, lobby.pk, NONCE, "Other.")])
    assert len({outcome.id for outcome in outcomes[:100]}) == 1
    assert isinstance(outcomes[100], errors.NonceConflictError)
    assert Message.objects.count() == 1


def test_one_bad_post_does_not_fail_its_batch(bob: User, eve: User, lobby: Room) -> None:
    good, bad, missing, last = commit_posts(
        [
            PostIntent(bob.pk, lobby.pk, "nonce-one", "One."),
            PostIntent(eve.pk, lobby.pk, "nonce-two", "Two."),
            PostIntent(bob.pk, 404, "nonce-three", "Three."),
            PostIntent(bob.pk, lobby.pk, "nonce-four", "Four."),
        ]
    )
    assert (good.seq, last.seq) == (1, 2)
    assert isinstance(bad, errors.NotAMemberError)
    assert isinstance(missing, errors.NotFoundError)
    assert list(find_damage()) == []


@pytest.mark.django_db(transaction=True)
def test_a_hundred_threads_with_one_nonce_store_one_message(bob: User, lobby: Room) -> None:
    start = threading.Barrier(100)
    outcomes: Counter[object] = Counter()

    def send() -> None:
        start.wait(30)
        try:
            mark = until_answered(
                lambda: post_message(actor=bob, room_id=lobby.pk, nonce=NONCE, body="Hello.")
            )
            outcomes[mark.id, mark.seq, mark.revision] += 1
        except errors.ChatError as refusal:
            outcomes[refusal.code] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    message = Message.objects.get()
    assert outcomes == {(message.pk, message.seq, message.revision): 100}
    assert list(find_damage()) == []


@pytest.mark.django_db(transaction=True)
def test_one_nonce_for_two_rooms_at_once_goes_to_one_of_them(
    ada: User, bob: User, lobby: Room
) -> None:
    other = rooms.create_room(actor=bob, name="Another")
    start = threading.Barrier(20)
    outcomes: Counter[str] = Counter()

    def send(number: int) -> None:
        start.wait(30)
        room = (lobby, other)[number % 2]
        try:
            post_message(actor=bob, room_id=room.pk, nonce=NONCE, body="Hello.")
            outcomes["stored"] += 1
        except errors.NonceConflictError:
            outcomes["conflict"] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes == {"stored": 10, "conflict": 10}
    assert Message.objects.count() == 1
    assert list(find_damage()) == []
