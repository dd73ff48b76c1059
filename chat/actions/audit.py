"""Write down who did what to whom, and why."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from chat.models import AuditEntry, Message, Room, User
from chat.models.audit import MAX_DETAILS_CHARS


def record(
    *,
    actor: User | None,
    verb: AuditEntry.Verb,
    reason: str = "",
    target: User | None = None,
    room: Room | None = None,
    message: Message | None = None,
    action_id: uuid.UUID | None = None,
    details: str = "",
) -> AuditEntry:
    """Add one audit entry in the open transaction.

    ``details`` are what the action was given, such as a term or an address.

    Entries that one click made share an ``action_id``; ``actor`` is None for what the
    site does by itself.
    """
    return AuditEntry.log.create(
        actor=actor,
        verb=verb,
        reason=reason,
        target=target,
        room=room,
        message=message,
        action_id=action_id or uuid.uuid4(),
        details=details[:MAX_DETAILS_CHARS],
    )


def record_messages(
    *,
    actor: User,
    verb: AuditEntry.Verb,
    messages: Iterable[Message],
    reason: str,
    action_id: uuid.UUID,
) -> None:
    """Add an entry for each message to which one click did the same."""
    AuditEntry.log.bulk_create(
        AuditEntry(
            actor=actor,
            verb=verb,
            reason=reason,
            target_id=message.author_id,
            room_id=message.room_id,
            message=message,
            action_id=action_id,
        )
        for message in messages
    )
