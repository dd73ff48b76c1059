"""How a room is moderated: slow mode, who may post, whose posts wait."""

from __future__ import annotations

import uuid
from typing import Any

from chat import errors
from chat.actions.rooms import archive_room, change_facts, restore_room
from chat.database import writing
from chat.models import AuditEntry, Room
from chat.policy import Actor
from chat.protocol import MAX_SLOW_MODE_S

Verb = AuditEntry.Verb


def set_slow_mode(
    *,
    actor: Actor,
    room_id: int,
    seconds: int,
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> None:
    """Let members post once in so many seconds; 0 ends it. Moderators do not wait.

    Raises ``BadFieldError``, and as ``policy.check_leads``.
    """
    if not 0 <= seconds <= MAX_SLOW_MODE_S:
        raise errors.BadFieldError
    change_facts(
        actor,
        room_id,
        Verb.SET_SLOW_MODE,
        reason,
        details=str(seconds),
        action_id=action_id,
        slow_mode_s=seconds,
    )


def set_posting(
    *,
    actor: Actor,
    room_id: int,
    posting: str,
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> None:
    """Say who may post. Raises ``BadFieldError``, and as ``policy.check_leads``."""
    if posting not in Room.Posting.values:
        raise errors.BadFieldError
    change_facts(
        actor,
        room_id,
        Verb.SET_POSTING,
        reason,
        details=posting,
        action_id=action_id,
        posting=posting,
    )


def set_approve_first(
    *,
    actor: Actor,
    room_id: int,
    approve_first: str,
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> None:
    """Say whose posts wait for approval; what waits already goes on waiting.

    Raises ``BadFieldError``, and as ``policy.check_leads``.
    """
    if approve_first not in Room.ApproveFirst.values:
        raise errors.BadFieldError
    change_facts(
        actor,
        room_id,
        Verb.SET_APPROVE_FIRST,
        reason,
        details=approve_first,
        action_id=action_id,
        approve_first=approve_first,
    )


def set_room(
    *,
    actor: Actor,
    room_id: int,
    slow_mode: int | None = None,
    posting: str | None = None,
    approve_first: str | None = None,
    archived: bool | None = None,
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> None:
    """Change what is given, all or nothing; what is None stays. Raises as the others here."""
    about: dict[str, Any] = {
        "actor": actor,
        "room_id": room_id,
        "reason": reason,
        "action_id": action_id or uuid.uuid4(),
    }
    with writing():
        if slow_mode is not None:
            set_slow_mode(seconds=slow_mode, **about)
        if posting is not None:
            set_posting(posting=posting, **about)
        if approve_first is not None:
            set_approve_first(approve_first=approve_first, **about)
        if archived is not None:
            (archive_room if archived else restore_room)(**about)
