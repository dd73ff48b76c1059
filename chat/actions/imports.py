"""Bring in what was said elsewhere: messages with the times at which they were said."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat import errors
from chat.actions.people import check_owner
from chat.changes import Change, open_change
from chat.database import writing
from chat.models import Membership, Message
from chat.policy import Actor
from chat.posting_rules import Poster, check_can_write
from chat.protocol import Mark
from chat.text import clean_body


@dataclass(frozen=True, slots=True)
class ImportedMessage:
    """A message as it was said elsewhere. ``nonce`` names it, so that it comes in once."""

    author_id: int
    nonce: str
    body: str
    created_at: datetime


def import_messages(
    *, actor: Actor, room_id: int, messages: Sequence[ImportedMessage]
) -> list[Mark]:
    """Append ``messages`` to a room, in their order, all or none; return where they stand.

    Owners of the site may. There is no throttle, since nobody is talking. Authors must be
    members. What was brought in before is left as it is, so an import that broke off can
    be run again. Raises ``SignInError, ForbiddenError, NotFoundError, NotAMemberError,
    ArchivedError, NonceConflictError``, the errors of ``clean_body``, and
    ``BadFieldError`` for a time that has not come yet.
    """
    check_owner(actor)
    now = timezone.now()
    if any(message.created_at > now for message in messages):
        raise errors.BadFieldError(_("A message cannot have been said in the future."))
    clean = [(message, clean_body(message.body)) for message in messages]
    with writing(), open_change(room_id) as change:
        roles = _roles(change, messages)
        known = _known(messages)
        return [
            _known_mark(known[message.author_id, message.nonce], change, body)
            if (message.author_id, message.nonce) in known
            else _append(change, roles.get(message.author_id), message, body)
            for message, body in clean
        ]


def _roles(change: Change, messages: Sequence[ImportedMessage]) -> dict[int, str]:
    authors = {message.author_id for message in messages}
    rows = Membership.objects.filter(room=change.room, user_id__in=authors)
    return dict(rows.values_list("user_id", "role"))


def _known(messages: Sequence[ImportedMessage]) -> dict[tuple[int, str], Message]:
    found = Message.objects.filter(
        author_id__in={message.author_id for message in messages},
        nonce__in=[message.nonce for message in messages],
    )
    return {(message.author_id, message.nonce): message for message in found}


def _known_mark(message: Message, change: Change, body: str) -> Mark:
    if message.room_id != change.room.pk or bytes(message.nonce_digest) != _digest(body):
        raise errors.NonceConflictError
    return _mark(message)


def _append(change: Change, role: str | None, message: ImportedMessage, body: str) -> Mark:
    check_can_write(change.room, Poster(role=role))
    added = change.add(
        Message(
            author_id=message.author_id,
            nonce=message.nonce,
            nonce_digest=_digest(body),
            body=body,
            created_at=message.created_at,
        )
    )
    return _mark(added)


def _digest(body: str) -> bytes:
    return hashlib.sha256(body.encode()).digest()


def _mark(message: Message) -> Mark:
    return Mark(id=message.pk, seq=message.seq, revision=message.revision)
