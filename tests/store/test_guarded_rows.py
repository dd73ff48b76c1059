"""No door writes the room log in silence, and nothing of it is deleted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models import ProtectedError

from chat.models import AuditEntry, Membership, Message, Room, User
from chat.models.guarded import UnguardedWriteError
from tests.conftest import Post

GUARDED = [Room, Message, Membership, AuditEntry]


@pytest.mark.parametrize("model", GUARDED)
@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(pk=1),
        lambda rows: rows.delete(),
        lambda rows: rows.all().filter(pk=1).delete(),
        lambda rows: rows.bulk_create([]),
        lambda rows: rows.bulk_update([], ["pk"]),
    ],
    ids=["update", "delete", "delete of some", "bulk_create", "bulk_update"],
)
def test_bulk_writes_around_the_actions_are_refused(
    model: type, write: Callable[[object], None], db: None
) -> None:
    with pytest.raises(UnguardedWriteError, match="chat/actions"):
        write(model.objects)


def test_what_hangs_on_a_room_or_a_person_is_guarded_too(bob: User, lobby: Room) -> None:
    for rows in (lobby.messages, lobby.memberships, bob.messages, bob.memberships):
        with pytest.raises(UnguardedWriteError):
            rows.all().delete()


def test_rooms_messages_and_audit_entries_are_never_deleted(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    for row in (message, lobby):
        with pytest.raises(UnguardedWriteError, match="never deleted"):
            row.delete()
    assert Message.objects.filter(pk=message.pk).exists()


def test_a_person_with_messages_cannot_be_deleted_from_under_them(
    bob: User, lobby: Room, post: Post
) -> None:
    post(bob, lobby)
    with pytest.raises(ProtectedError):
        bob.delete()
