"""Say something, change it, take it back."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone

from chat import errors, policy
from chat.actions import audit
from chat.changes import open_change
from chat.database import writing
from chat.models import Message, User
from chat.policy import Actor
from chat.posting import PostIntent, commit_posts
from chat.protocol import Mark
from chat.text import clean_body
from chat.throttle import athrottle_post, throttle_post
from chat.writer import writer


def post_message(*, actor: Actor, room_id: int, nonce: str, body: str) -> Mark:
    """Post ``body`` to the room and return where it stands, committed and durable.

    The same nonce again returns the first message's mark (a tombstone's too). Raises the
    errors of ``chat.text.clean_body`` and ``policy.check_can_post``, ``ThrottledError``,
    ``NonceConflictError`` and ``BusyError``.
    """
    user = policy.check_signed_in(actor)
    intent = PostIntent(user.pk, room_id, nonce, clean_body(body))
    throttle_post(user.pk, is_guest=user.kind == User.Kind.GUEST)
    [outcome] = commit_posts([intent])
    if isinstance(outcome, errors.ChatError):
        raise outcome
    return outcome


async def submit_post(*, actor: Actor, room_id: int, nonce: str, body: str) -> asyncio.Future[Mark]:
    """Give a post to the group-commit writer of this process.

    Raises at once what needs no lock to be refused; the future it returns has the mark,
    or raises the rest of what ``post_message`` raises. Posts submitted one after the
    other keep their order.
    """
    user = policy.check_signed_in(actor)
    intent = PostIntent(user.pk, room_id, nonce, clean_body(body))
    await athrottle_post(user.pk, is_guest=user.kind == User.Kind.GUEST)
    return writer.post(intent)


def _mark(message: Message) -> Mark:
    return Mark(id=message.pk, seq=message.seq, revision=message.revision)


def edit_message(
    *, actor: Actor, message_id: int, body: str, if_revision: int | None = None
) -> Mark:
    """Change the text of one's own message.

    With ``if_revision`` the message must still stand there, else ``RevisionConflictError``.
    The same text again changes nothing and burns no revision. Raises also the errors of
    ``clean_body``, ``policy.access_message`` and ``policy.check_can_edit``.
    """
    user = policy.check_signed_in(actor)
    new_body = clean_body(body)
    room_id = policy.access_message(user, message_id).room_id
    with open_change(room_id) as change:
        message = Message.objects.get(pk=message_id)
        policy.check_can_edit(user, change.room, message)
        if if_revision is not None and message.revision != if_revision:
            raise errors.RevisionConflictError
        if message.body != new_body:
            change.touch(message, body=new_body, edited_at=timezone.now())
    return _mark(message)


def redact_messages(*, actor: Actor, message_ids: Sequence[int], reason: str = "") -> list[Mark]:
    """Take the text of messages away, all or none, and leave tombstones in their places.

    Authors redact their own; whoever leads the room redacts any, which is audited with
    ``reason``. A tombstone is left as it is. Marks come in the order of ``message_ids``.
    Raises the errors of ``policy.access_message`` and ``policy.check_can_redact``.
    """
    user = policy.check_signed_in(actor)
    by_room: dict[int, list[int]] = defaultdict(list)
    for message_id in message_ids:
        by_room[policy.access_message(user, message_id).room_id].append(message_id)
    action_id = uuid.uuid4()
    marks: dict[int, Mark] = {}
    with writing():
        for room_id in sorted(by_room):
            for message in _redact_in_room(user, room_id, by_room[room_id], reason, action_id):
                marks[message.pk] = _mark(message)
    return [marks[message_id] for message_id in message_ids]


def _redact_in_room(
    user: User, room_id: int, message_ids: Sequence[int], reason: str, action_id: uuid.UUID
) -> list[Message]:
    moderated = []
    with open_change(room_id) as change:
        messages = list(Message.objects.filter(pk__in=message_ids).order_by("seq"))
        for message in messages:
            redacted_by = policy.check_can_redact(user, change.room, message)
            if message.is_tombstone:
                continue
            change.touch(message, body="", redacted_at=timezone.now(), redacted_by=redacted_by)
            if redacted_by == Message.RedactedBy.MODERATOR:
                moderated.append(message)
        audit.record_redactions(actor=user, messages=moderated, reason=reason, action_id=action_id)
    return messages
