"""What is redacted is gone and kept apart; what is restored is back everywhere; then it is gone."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from chat import errors, resume
from chat.actions import redaction, rooms
from chat.actions.evidence import evidence_of, forget_expired
from chat.actions.messages import edit_message
from chat.actions.pins import pin_message
from chat.actions.redaction import redact_all_of, redact_messages, restore_messages
from chat.actions.reports import report_message
from chat.models import Evidence, HeldPost, Message, Room, SeenAddress, User
from chat.standing import store_now
from chat.verifying import find_damage
from tests.conftest import Post, fresh, let_in, new_nonce
from tests.moderation.conftest import at_once, codes, entries


def expire(**fields: object) -> None:
    Evidence.objects.filter(**fields).update(expires_at=store_now() - timedelta(seconds=1))


def test_one_click_redacts_many_in_several_rooms_with_an_entry_for_each(
    bob: User, max_: User, lobby: Room, cellar: Room, post: Post
) -> None:
    said = [post(bob, room, f"Number {n}") for n in range(3) for room in (lobby, cellar)]
    for message in said:
        report_message(actor=fresh(cellar).created_by, message_id=message.pk, reason="Rude")
    click = uuid.uuid4()
    ids = [message.pk for message in said]
    marks = redact_messages(actor=max_, message_ids=ids, reason="Rude", action_id=click)
    assert [mark.id for mark in marks] == ids
    assert all(fresh(message).is_tombstone and fresh(message).body == "" for message in said)
    assert Counter(e.message_id for e in entries(action_id=click)) == Counter(ids)
    assert {(e.actor, e.target, e.reason) for e in entries(action_id=click)} == {
        (max_, bob, "Rude")
    }
    assert list(find_damage()) == []


def test_all_or_none_are_redacted(ada: User, bob: User, lobby: Room, post: Post) -> None:
    theirs = rooms.create_room(actor=bob, name="Bob's own")
    let_in(theirs, ada)
    mine, not_mine = post(bob, lobby), post(bob, theirs)
    before = fresh(lobby).revision
    with pytest.raises(errors.ForbiddenError):
        redact_messages(actor=ada, message_ids=[mine.pk, not_mine.pk])
    assert (fresh(mine).body, fresh(lobby).revision) == ("Hello.", before)
    assert not Evidence.objects.exists()


def test_the_text_is_kept_apart_for_as_long_as_the_operator_says(
    ada: User, bob: User, lobby: Room, post: Post, settings: Any
) -> None:
    message = post(bob, lobby, "The text")
    redact_messages(actor=ada, message_ids=[message.pk])
    [kept] = evidence_of(message_ids=[message.pk])
    assert (kept.body, kept.actor) == ("The text", ada)
    expire()
    assert evidence_of(message_ids=[message.pk]) == []
    with pytest.raises(errors.EvidenceGoneError):
        restore_messages(actor=ada, message_ids=[message.pk])
    assert forget_expired() == 1
    assert not Evidence.objects.exists()


def test_an_operator_who_keeps_nothing_keeps_nothing(
    ada: User, bob: User, lobby: Room, post: Post, settings: Any
) -> None:
    settings.EVIDENCE_DAYS = 0
    redact_messages(actor=ada, message_ids=[post(bob, lobby).pk])
    assert not Evidence.objects.exists()


def test_what_authors_take_back_is_gone_at_once_unless_it_was_reported(
    ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    quiet, reported = post(bob, lobby, "Oops"), post(bob, lobby, "Rude")
    report_message(actor=eve, message_id=reported.pk, reason="Rude")
    redact_messages(actor=bob, message_ids=[quiet.pk, reported.pk])
    assert [kept.body for kept in Evidence.objects.all()] == ["Rude"]
    assert entries(verb="redact") == []
    # Its author's own redaction stays, and so does the evidence for who judges the report.
    with pytest.raises(errors.EvidenceGoneError):
        restore_messages(actor=ada, message_ids=[reported.pk])
    assert evidence_of(message_ids=[reported.pk])


def test_a_redaction_is_undone_by_message(ada: User, bob: User, lobby: Room, post: Post) -> None:
    message = post(bob, lobby, "The text")
    redact_messages(actor=ada, message_ids=[message.pk], reason="Rude")
    [mark] = restore_messages(actor=ada, message_ids=[message.pk], reason="My mistake")
    message = fresh(message)
    assert (message.body, message.redacted_at, message.redacted_by) == ("The text", None, "")
    assert mark.revision == fresh(lobby).revision
    [entry] = entries(verb="restore_message")
    assert (entry.actor, entry.target, entry.reason) == (ada, bob, "My mistake")
    assert not Evidence.objects.exists()
    assert list(find_damage()) == []


def test_what_one_click_redacted_comes_back_with_one_click_and_nothing_else(
    bob: User, max_: User, lobby: Room, cellar: Room, post: Post
) -> None:
    before = post(bob, lobby, "Before")
    redact_messages(actor=max_, message_ids=[before.pk])
    for n in range(3):
        post(bob, lobby, f"Number {n}")
        post(bob, cellar, f"Number {n}")
    count, click = redact_all_of(actor=max_, user_id=bob.pk)
    assert count == 6
    assert len(restore_messages(actor=max_, click=click)) == 6
    assert fresh(before).is_tombstone
    assert Message.objects.filter(body__startswith="Number").count() == 6
    with pytest.raises(errors.EvidenceGoneError):
        restore_messages(actor=max_, click=click)
    with pytest.raises(errors.EvidenceGoneError):
        restore_messages(actor=max_, click=uuid.uuid4())


def test_what_is_redacted_and_restored_again_and_again_is_sound(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    first, _second = post(bob, lobby, "One"), post(bob, lobby, "Two")
    for _ in range(3):
        redact_messages(actor=ada, message_ids=[first.pk])
        assert list(find_damage()) == []
        restore_messages(actor=ada, message_ids=[first.pk])
        assert list(find_damage()) == []


def test_restored_text_is_a_change_like_any_other(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby, "The text")
    redact_messages(actor=ada, message_ids=[message.pk])
    cursor = fresh(lobby).revision
    restore_messages(actor=ada, message_ids=[message.pk])
    changes = resume.changes_since(lobby.pk, cursor)
    assert changes is not None
    [part] = changes.parts
    assert '"body":"The text"' in part.text


def test_a_retry_finds_the_tombstone_and_what_was_restored(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    nonce = new_nonce()
    message = post(bob, lobby, "The text", nonce)
    redact_messages(actor=ada, message_ids=[message.pk])
    assert post(bob, lobby, "The text", nonce).is_tombstone
    restore_messages(actor=ada, message_ids=[message.pk])
    again = post(bob, lobby, "The text", nonce)
    assert (again.pk, again.body) == (message.pk, "The text")
    assert fresh(lobby).last_seq == 1


def test_a_redacted_message_is_pinned_no_more(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    message, _later = post(bob, lobby), post(bob, lobby)
    pin_message(actor=ada, message_id=message.pk)
    assert list(find_damage()) == []
    redact_messages(actor=ada, message_ids=[message.pk])
    assert fresh(message).pinned_at is None


def test_all_that_somebody_said_goes_in_chunks_and_of_the_last_hour_only_that(
    bob: User, max_: User, lobby: Room, cellar: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction, "MESSAGES_A_CHANGE", 4)
    old = post(bob, lobby, "Long ago")
    Message.log.filter(pk=old.pk).update(created_at=store_now() - timedelta(hours=2))
    for n in range(10):
        post(bob, (lobby, cellar)[n % 2], f"Number {n}")
    others = post(fresh(lobby).created_by, lobby, "Ada's")
    count, click = redact_all_of(actor=max_, user_id=bob.pk, last=timedelta(hours=1))
    assert count == 10
    assert fresh(old).body == "Long ago"
    assert fresh(others).body == "Ada's"
    assert len(entries(action_id=click, verb="redact")) == 10
    assert redact_all_of(actor=max_, user_id=bob.pk)[0] == 1
    assert list(find_damage()) == []


def test_of_a_person_only_who_stands_above_redacts_all(
    ada: User, bob: User, carol: User, max_: User, lobby: Room, post: Post
) -> None:
    post(ada, lobby)
    with pytest.raises(errors.ForbiddenError):
        redact_all_of(actor=carol, user_id=ada.pk, room_id=lobby.pk)
    with pytest.raises(errors.ForbiddenError):
        redact_all_of(actor=carol, user_id=bob.pk)
    assert redact_all_of(actor=max_, user_id=ada.pk, room_id=lobby.pk)[0] == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_undo_at_once_one_does_and_the_other_is_told(
    ada: User, bob: User, carol: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby, "The text")
    redact_messages(actor=ada, message_ids=[message.pk])
    outcomes = at_once(
        *(
            lambda actor=actor: restore_messages(actor=actor, message_ids=[message.pk])
            for actor in (ada, carol)
        )
    )
    assert codes(outcomes) == ["done", "evidence_gone"]
    assert len(entries(verb="restore_message")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_redact_and_restore_in_the_same_rooms_do_not_wait_for_each_other(
    bob: User, max_: User, olga: User, lobby: Room, cellar: Room, post: Post, settings: Any
) -> None:
    """Each takes the rooms by ascending id, whatever order they were ticked in."""
    settings.REPORTS_PER_MINUTE = 100
    said = [post(bob, room, f"{n}") for n in range(20) for room in (lobby, cellar)]
    ids = [message.pk for message in said]
    for message in said:
        report_message(actor=fresh(cellar).created_by, message_id=message.pk, reason="Rude")
    outcomes = at_once(
        lambda: redact_messages(actor=max_, message_ids=ids),
        lambda: redact_messages(actor=olga, message_ids=ids[::-1]),
        lambda: redact_all_of(actor=olga, user_id=bob.pk),
    )
    assert codes(outcomes) == ["done"] * 3
    assert len(entries(verb="redact")) == 40
    assert list(find_damage()) == []


def test_an_edit_between_redactions_is_what_comes_back(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby, "First")
    redact_messages(actor=ada, message_ids=[message.pk])
    restore_messages(actor=ada, message_ids=[message.pk])
    edit_message(actor=bob, message_id=message.pk, body="Second")
    redact_messages(actor=ada, message_ids=[message.pk])
    restore_messages(actor=ada, message_ids=[message.pk])
    assert fresh(message).body == "Second"


def test_what_is_kept_no_longer_is_forgotten_and_what_still_is_stays(
    ada: User, bob: User, lobby: Room, post: Post, settings: Any
) -> None:
    old, new = post(bob, lobby, "Old"), post(bob, lobby, "New")
    redact_messages(actor=ada, message_ids=[old.pk, new.pk])
    expire(message=old)
    about = {"room": lobby, "author": bob, "nonce_digest": bytes(32), "cause": "room"}
    long_ago = store_now() - timedelta(days=8)
    for nonce, status, decided_at in (
        ("nonce-rejected-1", "rejected", long_ago),
        ("nonce-rejected-2", "rejected", store_now()),
        ("nonce-waiting-1", "waiting", None),
    ):
        HeldPost.log.create(**about, nonce=nonce, body="Text", status=status, decided_at=decided_at)
    SeenAddress.objects.create(user=bob, address="8.8.8.8", seen_at=long_ago)
    SeenAddress.objects.filter(user=bob).update(seen_at=store_now() - timedelta(days=365))
    assert forget_expired() == 3
    assert [kept.body for kept in Evidence.objects.all()] == ["New"]
    bodies = dict(HeldPost.objects.values_list("nonce", "body"))
    assert bodies == {
        "nonce-rejected-1": "", "nonce-rejected-2": "Text", "nonce-waiting-1": "Text",
    }  # fmt: skip
    assert forget_expired() == 0
