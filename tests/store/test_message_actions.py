"""Post, edit, redact: who may, and what is left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from chat import errors, throttle
from chat.actions import members, rooms
from chat.actions.messages import edit_message, post_message
from chat.actions.redaction import redact_messages
from chat.models import AuditEntry, Message, Room, User
from chat.verifying import find_damage
from tests.conftest import Post, fresh, let_in, moderates_the_site, new_nonce


def _post(actor: User | AnonymousUser, room: Room) -> None:
    post_message(actor=actor, room_id=room.pk, nonce=new_nonce(), body="Hello.")


def test_a_member_posts_and_has_read_what_they_wrote(bob: User, lobby: Room, post: Post) -> None:
    message = post(bob, lobby, "Hello.\r\n")
    assert (message.body, message.author, message.seq) == ("Hello.", bob, 1)
    assert timezone.now() - message.created_at < timedelta(minutes=1)
    assert lobby.memberships.get(user=bob).last_read_seq == 1


def test_ones_own_post_does_not_mark_what_others_wrote_as_read(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    post(ada, lobby)
    post(bob, lobby)
    assert lobby.memberships.get(user=bob).last_read_seq == 0


@pytest.mark.parametrize("room_name", ["lobby", "cellar"])
def test_the_outsider_cannot_post(
    room_name: str, eve: User, request: pytest.FixtureRequest
) -> None:
    room: Room = request.getfixturevalue(room_name)
    refusal = errors.NotAMemberError if room_name == "lobby" else errors.NotFoundError
    with pytest.raises(refusal):
        _post(eve, room)


def test_nor_can_the_switched_off_the_anonymous_or_the_former_member(
    bob: User, mallory: User, lobby: Room
) -> None:
    let_in(lobby, mallory)
    for nobody in (mallory, AnonymousUser()):
        with pytest.raises(errors.SignInError):
            _post(nobody, lobby)
    members.leave_room(actor=bob, room_id=lobby.pk)
    with pytest.raises(errors.NotAMemberError):
        _post(bob, lobby)


def test_who_was_switched_off_meanwhile_is_judged_under_the_lock(bob: User, lobby: Room) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(errors.SignInError):
        _post(bob, lobby)


def test_an_archived_room_can_be_read_but_not_written_to(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    rooms.archive_room(actor=ada, room_id=lobby.pk)
    with pytest.raises(errors.ArchivedError):
        _post(bob, lobby)
    with pytest.raises(errors.ArchivedError):
        edit_message(actor=bob, message_id=message.pk, body="Too late.")
    rooms.restore_room(actor=ada, room_id=lobby.pk)
    _post(bob, lobby)


def test_posts_are_throttled_with_a_hint_when_to_come_back(
    bob: User, lobby: Room, settings: Any
) -> None:
    settings.POSTS_BURST = 3
    throttle._post_limits.cache_clear()
    for _ in range(3):
        _post(bob, lobby)
    with pytest.raises(errors.ThrottledError) as refusal:
        _post(bob, lobby)
    assert 0 < refusal.value.retry_after <= throttle.BURST_WINDOW_S
    assert fresh(lobby).last_seq == 3


def test_guests_may_post_half_as_fast(ada: User, lobby: Room, settings: Any) -> None:
    guest = User.objects.create_user("a guest", kind=User.Kind.GUEST)
    let_in(lobby, guest)
    settings.POSTS_BURST = 4
    throttle._post_limits.cache_clear()
    for _ in range(2):
        _post(guest, lobby)
    with pytest.raises(errors.ThrottledError):
        _post(guest, lobby)


def test_an_author_edits_and_everyone_sees_when(bob: User, lobby: Room, post: Post) -> None:
    message = post(bob, lobby)
    mark = edit_message(
        actor=bob, message_id=message.pk, body="Better.", if_revision=message.revision
    )
    edited = fresh(message)
    assert (edited.body, edited.revision) == ("Better.", mark.revision)
    assert edited.seq == message.seq
    assert edited.edited_at > message.created_at


def test_an_edit_of_a_form_that_is_no_longer_there_is_refused(
    bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    edit_message(actor=bob, message_id=message.pk, body="In one window.")
    with pytest.raises(errors.RevisionConflictError):
        edit_message(
            actor=bob, message_id=message.pk, body="In another.", if_revision=message.revision
        )
    assert fresh(message).body == "In one window."


def test_nobody_else_edits_not_even_a_moderator(
    ada: User, eve: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    with pytest.raises(errors.ForbiddenError):
        edit_message(actor=ada, message_id=message.pk, body="Ada was here.")
    with pytest.raises(errors.NotAMemberError):
        edit_message(actor=eve, message_id=message.pk, body="Eve was here.")


def test_a_private_message_is_not_there_for_the_outsider(
    eve: User, bob: User, cellar: Room, post: Post
) -> None:
    message = post(bob, cellar)
    for message_id in (message.pk, 404):
        with pytest.raises(errors.NotFoundError):
            edit_message(actor=eve, message_id=message_id, body="Hm?")
        with pytest.raises(errors.NotFoundError):
            redact_messages(actor=eve, message_ids=[message_id])


def test_a_tombstone_cannot_be_edited(bob: User, lobby: Room, post: Post) -> None:
    message = post(bob, lobby)
    redact_messages(actor=bob, message_ids=[message.pk])
    with pytest.raises(errors.RedactedError):
        edit_message(actor=bob, message_id=message.pk, body="I take it back.")


def test_authors_redact_their_own_without_an_audit_entry(
    bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby, "Oops.")
    redact_messages(actor=bob, message_ids=[message.pk])
    tombstone = fresh(message)
    assert (tombstone.body, tombstone.redacted_by) == ("", "author")
    assert (tombstone.seq, tombstone.author) == (message.seq, bob)
    assert not AuditEntry.objects.exists()


def test_a_moderators_redaction_has_one_audit_entry_each_with_the_reason(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    spam = [post(bob, lobby, f"Buy {n}!") for n in range(3)]
    own = post(ada, lobby)
    ids = [own.pk, *(message.pk for message in spam)]
    marks = redact_messages(actor=ada, message_ids=ids, reason="Spam")
    assert [mark.id for mark in marks] == ids
    entries = AuditEntry.objects.order_by("message")
    assert [(e.message, e.actor, e.target, e.room, e.reason) for e in entries] == [
        (message, ada, bob, lobby, "Spam") for message in spam
    ]
    assert len({entry.action_id for entry in entries}) == 1
    assert list(find_damage()) == []


def test_members_and_outsiders_do_not_redact_what_others_wrote(
    ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    message = post(ada, lobby)
    for actor in (bob, eve):
        with pytest.raises(errors.ForbiddenError):
            redact_messages(actor=actor, message_ids=[message.pk])
    assert Message.objects.get(pk=message.pk).body == "Hello."


def test_a_moderator_of_another_room_is_an_outsider_here(
    eve: User, bob: User, lobby: Room, post: Post
) -> None:
    rooms.create_room(actor=eve, name="Eve's")
    message = post(bob, lobby)
    with pytest.raises(errors.ForbiddenError):
        redact_messages(actor=eve, message_ids=[message.pk])


def test_staff_redacts_in_any_open_room(eve: User, bob: User, lobby: Room, post: Post) -> None:
    moderates_the_site(eve)
    message = post(bob, lobby)
    redact_messages(actor=fresh(eve), message_ids=[message.pk], reason="Spam")
    assert AuditEntry.objects.get().actor == eve


def test_authors_take_back_what_they_wrote_even_after_they_left(
    bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    members.leave_room(actor=bob, room_id=lobby.pk)
    redact_messages(actor=bob, message_ids=[message.pk])
    assert fresh(message).is_tombstone
