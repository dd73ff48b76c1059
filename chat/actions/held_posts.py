"""Let a held post into its room, or reject it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat import errors, policy
from chat.actions import audit
from chat.actions.messages import mark_of
from chat.announce import tell_held
from chat.changes import Change, open_change
from chat.database import writing
from chat.models import AuditEntry, HeldPost, Membership, Message, User
from chat.policy import Actor
from chat.protocol import Mark
from chat.standing import standing_of

Status = HeldPost.Status


def approve_post(*, actor: Actor, held_id: int, action_id: uuid.UUID | None = None) -> Mark:
    """Give a held post the next place of its room, and return where it stands.

    Raises ``SignInError, NotFoundError, ArchivedError``, ``ForbiddenError`` also where its
    author is banned meanwhile, and ``DecidedError`` for the second of two moderators.
    """
    user = policy.check_signed_in(actor)
    with _once_only(), open_change(_room_of(held_id)) as change:
        policy.check_reads_and_leads(user, change.room)
        held = _waiting(held_id)
        _check_may_come_in(change, held.author)
        message = change.add(
            Message(
                author=held.author,
                nonce=held.nonce,
                nonce_digest=bytes(held.nonce_digest),
                body=held.body,
                # When it is let in: what was read before it must not be dated after it.
                created_at=timezone.now(),
            )
        )
        held.status, held.body, held.message = Status.APPROVED, "", message
        _decide(user, held, AuditEntry.Verb.APPROVE_POST, "", action_id)
        # One's own posts are never unread: who had read everything has read this too.
        Membership.log.filter(
            room=change.room, user=held.author, last_read_seq=message.seq - 1
        ).update(last_read_seq=message.seq)
    return mark_of(message)


@contextmanager
def _once_only() -> Iterator[None]:
    """The same intent may have become a message of another room, by another process."""
    try:
        yield
    except IntegrityError as error:
        raise errors.NonceConflictError from error


def _check_may_come_in(change: Change, author: User) -> None:
    if change.room.is_archived:
        raise errors.ArchivedError
    if not author.is_active or standing_of(author.pk).ban_in(change.room.pk) is not None:
        raise errors.ForbiddenError(_("Its author is banned or switched off by now. Reject it."))


def reject_post(
    *, actor: Actor, held_id: int, reason: str = "", action_id: uuid.UUID | None = None
) -> None:
    """Refuse a held post; its author reads the reason. Raises as ``approve_post``."""
    user = policy.check_signed_in(actor)
    with open_change(_room_of(held_id)) as change:
        policy.check_reads_and_leads(user, change.room)
        held = _waiting(held_id)
        held.status = Status.REJECTED
        _decide(user, held, AuditEntry.Verb.REJECT_POST, reason, action_id)


def hear_held(*, actor: Actor, held_id: int) -> None:
    """Remember that the author has read that it was rejected. Raises ``NotFoundError``."""
    user = policy.check_signed_in(actor)
    with writing():
        mine = HeldPost.log.filter(pk=held_id, author=user, status=Status.REJECTED)
        if not mine.update(heard_at=Now()):
            raise errors.NotFoundError
        tell_held(_room_of(held_id))


def _room_of(held_id: int) -> int:
    room_id = HeldPost.objects.filter(pk=held_id).values_list("room_id", flat=True).first()
    if room_id is None:
        raise errors.NotFoundError
    return room_id


def _waiting(held_id: int) -> HeldPost:
    """Return the post while it waits; its room is locked, so only one decides."""
    held = HeldPost.objects.select_related("author", "room").get(pk=held_id)
    if held.status != Status.WAITING:
        raise errors.DecidedError.by(held.decided_by, Status(held.status).label)
    return held


def _decide(
    user: User, held: HeldPost, verb: AuditEntry.Verb, reason: str, action_id: uuid.UUID | None
) -> None:
    held.decided_at, held.decided_by, held.reason = timezone.now(), user, reason
    held.save()
    audit.record(
        actor=user,
        verb=verb,
        reason=reason,
        target=held.author,
        room=held.room,
        message=held.message,
        action_id=action_id,
    )
    tell_held(held.room_id)
