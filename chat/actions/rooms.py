"""Make a room, name it, set its topic, archive it and open it again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from chat import errors, policy, room_names
from chat.actions import audit
from chat.announce import tell_person
from chat.changes import open_change
from chat.database import writing
from chat.models import AuditEntry, Membership, Room, User
from chat.policy import Actor


def create_room(*, actor: Actor, name: str, topic: str = "", kind: str = Room.Kind.OPEN) -> Room:
    """Make a room that ``actor`` owns, and return it.

    Raises ``SignInError``, ``ForbiddenError`` (guests), ``BadNameError``, ``NameTakenError``.
    """
    user = policy.check_can_create_room(actor)
    clean = room_names.clean_room_name(name)
    fields = {
        "kind": Room.Kind(kind),
        "name": clean,
        "name_key": room_names.name_key(clean),
        "topic": room_names.clean_topic(topic),
    }
    with _taken_names_refused(), writing():
        # Revision 1 is the room's own making: a cursor at 0 learns of it as of any change.
        room = Room.log.create(
            **fields, created_by=user, member_count=1, revision=1, facts_revision=1
        )
        Membership.log.create(room=room, user=user, role=Membership.Role.OWNER)
        tell_person(user.pk)
    return room


def rename_room(
    *, actor: Actor, room_id: int, name: str, reason: str = "", action_id: uuid.UUID | None = None
) -> None:
    """Give the room another name. Raises as ``create_room``, and as ``policy.check_leads``."""
    clean = room_names.clean_room_name(name)
    with _taken_names_refused():
        change_facts(
            actor,
            room_id,
            AuditEntry.Verb.RENAME_ROOM,
            reason,
            action_id=action_id,
            name=clean,
            name_key=room_names.name_key(clean),
        )


def set_topic(
    *, actor: Actor, room_id: int, topic: str, reason: str = "", action_id: uuid.UUID | None = None
) -> None:
    """Set the topic; empty takes it away. Raises ``BadNameError``, and as ``check_leads``."""
    clean = room_names.clean_topic(topic)
    change_facts(
        actor, room_id, AuditEntry.Verb.SET_TOPIC, reason, action_id=action_id, topic=clean
    )


def archive_room(
    *, actor: Actor, room_id: int, reason: str = "", action_id: uuid.UUID | None = None
) -> None:
    """Make the room read-only. Archived already, nothing changes. Raises as ``check_leads``."""
    since = timezone.now()
    with open_change(room_id) as judged:
        # Under the lock: archived by somebody else just now, it is not archived again.
        known = judged.room.archived_at
        change_facts(
            actor,
            room_id,
            AuditEntry.Verb.ARCHIVE_ROOM,
            reason,
            action_id=action_id,
            archived_at=known or since,
        )


def restore_room(
    *, actor: Actor, room_id: int, reason: str = "", action_id: uuid.UUID | None = None
) -> None:
    """Open an archived room again. Raises as ``policy.check_leads``."""
    change_facts(
        actor, room_id, AuditEntry.Verb.RESTORE_ROOM, reason, action_id=action_id, archived_at=None
    )


def change_facts(
    actor: Actor,
    room_id: int,
    verb: AuditEntry.Verb,
    reason: str,
    *,
    details: str = "",
    action_id: uuid.UUID | None = None,
    **fields: Any,
) -> None:
    """Change facts of a room, for the actions that say which; the same again changes nothing.

    Raises as ``policy.check_leads``.
    """
    user: User = policy.check_signed_in(actor)
    with open_change(room_id) as change:
        policy.check_leads(user, change.room)
        if all(getattr(change.room, name) == value for name, value in fields.items()):
            return
        change.set_facts(**fields)
        audit.record(
            actor=user,
            verb=verb,
            reason=reason,
            room=change.room,
            action_id=action_id,
            details=details,
        )


@contextmanager
def _taken_names_refused() -> Iterator[None]:
    """Around a transaction: the constraint on room names speaks as ``NameTakenError``."""
    try:
        yield
    except IntegrityError as error:
        raise errors.NameTakenError from error
