"""Undoing a redaction: who may, and what it tells to those who may not."""

from __future__ import annotations

import pytest

from chat import errors
from chat.actions.redaction import redact_messages, restore_messages
from chat.actions.reports import report_message
from chat.models import Evidence, Room, User
from tests.conftest import Post, fresh


def test_the_outsider_does_not_learn_what_is_kept_of_a_private_room(
    ada: User, bob: User, eve: User, cellar: Room, post: Post
) -> None:
    kept, untouched = post(bob, cellar), post(bob, cellar)
    redact_messages(actor=ada, message_ids=[kept.pk])
    for message in (kept.pk, untouched.pk, 987_654_321):
        with pytest.raises(errors.NotFoundError):
            restore_messages(actor=eve, message_ids=[message])


def test_what_was_not_redacted_cannot_be_restored_and_its_moderator_is_told(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    with pytest.raises(errors.EvidenceGoneError):
        restore_messages(actor=ada, message_ids=[message.pk])
    with pytest.raises(errors.ForbiddenError):
        restore_messages(actor=bob, message_ids=[message.pk])


def test_what_its_author_took_back_stays_so_and_what_is_kept_of_it_too(
    ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    """It was reported before, so that the moderators may still judge it."""
    message = post(bob, lobby, "Something rude.")
    report_message(actor=eve, message_id=message.pk, reason="Rude.")
    redact_messages(actor=bob, message_ids=[message.pk])
    with pytest.raises(errors.EvidenceGoneError):
        restore_messages(actor=ada, message_ids=[message.pk])
    assert fresh(message).is_tombstone
    assert Evidence.objects.get(message=message).body == "Something rude."


def test_of_two_moderators_who_restore_one_does_and_the_other_is_told(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby, "Harmless.")
    redact_messages(actor=ada, message_ids=[message.pk])
    restore_messages(actor=ada, message_ids=[message.pk])
    assert fresh(message).body == "Harmless."
    with pytest.raises(errors.EvidenceGoneError):
        restore_messages(actor=ada, message_ids=[message.pk])
