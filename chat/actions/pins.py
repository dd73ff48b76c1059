"""Pin a message to its room, and take the pin away."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from chat import errors, policy
from chat.actions import audit
from chat.actions.messages import mark_of
from chat.changes import open_change
from chat.models import AuditEntry, Message
from chat.policy import Actor
from chat.protocol import Mark


def pin_message(*, actor: Actor, message_id: int) -> Mark:
    """Pin a message. Whoever leads the room may; pinned already, nothing changes.

    Raises ``SignInError, NotFoundError, ForbiddenError, RedactedError``.
    """
    return _set_pin(actor, message_id, AuditEntry.Verb.PIN, timezone.now())


def unpin_message(*, actor: Actor, message_id: int) -> Mark:
    """Take a pin away. Raises as ``pin_message``."""
    return _set_pin(actor, message_id, AuditEntry.Verb.UNPIN, None)


def _set_pin(
    actor: Actor, message_id: int, verb: AuditEntry.Verb, pinned_at: datetime | None
) -> Mark:
    user = policy.check_signed_in(actor)
    room_id = policy.access_message(user, message_id).room_id
    with open_change(room_id) as change:
        policy.check_leads(user, change.room)
        message = Message.objects.select_related("author").get(pk=message_id)
        if message.is_tombstone:
            raise errors.RedactedError
        if (message.pinned_at is None) != (pinned_at is None):
            change.touch(message, pinned_at=pinned_at)
            audit.record(
                actor=user, verb=verb, target=message.author, room=change.room, message=message
            )
    return mark_of(message)
