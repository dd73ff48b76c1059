"""Take what was said away, and bring it back while it is kept."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import timedelta

from django.utils import timezone

from chat import errors, policy
from chat.actions import audit
from chat.actions.evidence import evidence_of, keep_evidence
from chat.actions.messages import mark_of
from chat.actions.report_outcomes import close_cases
from chat.changes import open_change
from chat.database import writing
from chat.models import AuditEntry, Evidence, Message, ReportCase, Room, User
from chat.policy import Actor
from chat.protocol import Mark
from chat.standing import store_now

RedactedBy = Message.RedactedBy
MESSAGES_A_CHANGE = 200
"""So many are redacted under one lock where somebody's whole history goes."""


def redact_messages(
    *,
    actor: Actor,
    message_ids: Sequence[int],
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> list[Mark]:
    """Take the text of messages away, all or none, and leave tombstones in their places.

    Authors redact their own; whoever leads the room redacts any, which is audited with
    ``reason``, and kept as evidence for a while. A tombstone is left as it is. Marks come
    in the order of ``message_ids``. Raises the errors of ``policy.access_reported`` and
    ``policy.check_can_redact``.
    """
    user = policy.check_signed_in(actor)
    by_room: dict[int, list[int]] = defaultdict(list)
    for message_id in message_ids:
        by_room[policy.access_reported(user, message_id).room_id].append(message_id)
    action_id = action_id or uuid.uuid4()
    marks: dict[int, Mark] = {}
    with writing():
        for room_id in sorted(by_room):
            for message in _redact_in_room(user, room_id, by_room[room_id], reason, action_id):
                marks[message.pk] = mark_of(message)
    return [marks[message_id] for message_id in message_ids]


def redact_all_of(
    *,
    actor: Actor,
    user_id: int,
    room_id: int | None = None,
    last: timedelta | None = None,
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> tuple[int, uuid.UUID]:
    """Redact what somebody said in the ``last`` hour, day, ..., or ever, in a room or everywhere.

    In every room, private ones too, for whoever moderates the site: nothing of it is shown
    to them. Goes room by room and a few hundred at a time, so that others can write in
    between; return how many it were, and the id by which all of it can be undone. Raises
    ``SignInError, NotFoundError, ForbiddenError``.
    """
    user = policy.check_signed_in(actor)
    target = policy.check_can_sanction(user, user_id, room_id)
    said = Message.objects.filter(author=target, redacted_at__isnull=True)
    if room_id is not None:
        said = said.filter(room_id=room_id)
    if last is not None:
        said = said.filter(created_at__gte=store_now() - last)
    action_id = action_id or uuid.uuid4()
    count = 0
    for room in list(said.order_by("room_id").values_list("room_id", flat=True).distinct()):
        there = said.filter(room_id=room).order_by("seq")
        for ids in _slices(list(there.values_list("pk", flat=True))):
            redacted = _redact_in_room(user, room, ids, reason, action_id)
            count += len(redacted)
    return count, action_id


def _slices(ids: list[int]) -> Iterable[list[int]]:
    """The ids, a few hundred at a time."""
    for start in range(0, len(ids), MESSAGES_A_CHANGE):
        yield ids[start : start + MESSAGES_A_CHANGE]


def _redact_in_room(
    user: User, room_id: int, message_ids: Sequence[int], reason: str, action_id: uuid.UUID
) -> list[Message]:
    with open_change(room_id) as change:
        messages = list(Message.objects.filter(pk__in=message_ids).order_by("seq"))
        by_whom = _judged(user, change.room, messages)
        due = [message for message in messages if not message.is_tombstone]
        moderated = [each for each in due if by_whom[each.author_id] == RedactedBy.MODERATOR]
        keep_evidence(user, [*moderated, *_reported(due, but_not=moderated)], action_id)
        now = timezone.now()
        for message in due:
            change.touch(
                message,
                body="",
                redacted_at=now,
                redacted_by=by_whom[message.author_id],
                pinned_at=None,
            )
        audit.record_messages(
            actor=user,
            verb=AuditEntry.Verb.REDACT,
            messages=moderated,
            reason=reason,
            action_id=action_id,
        )
        close_cases(
            actor=user,
            message_ids=[message.pk for message in moderated],
            outcome=ReportCase.Outcome.REDACTED,
            reason=reason,
        )
    return messages


def _judged(user: User, room: Room, messages: Iterable[Message]) -> dict[int, Message.RedactedBy]:
    """Return as whom ``user`` redacts, by author: the same for all that somebody wrote."""
    one_of_each = {message.author_id: message for message in messages}
    return {
        author_id: policy.check_can_redact(user, room, message)
        for author_id, message in one_of_each.items()
    }


def _reported(messages: Iterable[Message], *, but_not: Iterable[Message]) -> list[Message]:
    """Return those that were reported: not even their authors take the evidence away."""
    others = {message.pk: message for message in messages}
    for message in but_not:
        del others[message.pk]
    if not others:
        return []
    cases = ReportCase.objects.filter(message_id__in=others)
    return [others[pk] for pk in cases.values_list("message_id", flat=True).distinct()]


def restore_messages(
    *,
    actor: Actor,
    message_ids: Sequence[int] = (),
    click: uuid.UUID | None = None,
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> list[Mark]:
    """Undo redactions: of these messages, or of all that one ``click`` redacted.

    What somebody took back themselves stays so. A few hundred come back all or none; of
    more than that a few hundred at a time, so that others can write in between. Raises
    ``SignInError, NotFoundError, ForbiddenError``, and ``EvidenceGoneError`` where nothing
    can be brought back any more.
    """
    user = policy.check_signed_in(actor)
    for message_id in message_ids:
        _check_may_restore(user, message_id)
    by_room: dict[int, list[int]] = defaultdict(list)
    for evidence in evidence_of(message_ids=message_ids, click=click):
        by_room[evidence.message.room_id].append(evidence.message_id)
    action_id = action_id or uuid.uuid4()
    are_few = sum(map(len, by_room.values())) <= MESSAGES_A_CHANGE
    with writing() if are_few else nullcontext():
        restored = [
            message
            for room_id in sorted(by_room)
            for ids in _slices(by_room[room_id])
            for message in _restore_in_room(user, room_id, ids, click, reason, action_id)
        ]
        if not restored:
            raise errors.EvidenceGoneError
    return [mark_of(message) for message in restored]


def _check_may_restore(user: User, message_id: int) -> None:
    """Judge before the evidence is looked for: whether there is any is not for everybody."""
    message = Message.objects.select_related("room").filter(pk=message_id).first()
    if message is None:
        raise errors.NotFoundError
    policy.check_leads(user, message.room)


def _restore_in_room(
    user: User,
    room_id: int,
    message_ids: Sequence[int],
    click: uuid.UUID | None,
    reason: str,
    action_id: uuid.UUID,
) -> list[Message]:
    with open_change(room_id) as change:
        policy.check_leads(user, change.room)
        # Again, under the lock: it may have been restored, changed and redacted meanwhile.
        kept = evidence_of(message_ids=message_ids, click=click)
        bodies = {evidence.message_id: evidence.body for evidence in kept}
        messages = list(
            Message.objects.filter(pk__in=bodies, redacted_by=RedactedBy.MODERATOR).order_by("seq")
        )
        for message in messages:
            change.touch(message, body=bodies[message.pk], redacted_at=None, redacted_by="")
        # What its author took back stays as it is, and so does what is kept of it.
        Evidence.objects.filter(message__in=messages).delete()
        audit.record_messages(
            actor=user,
            verb=AuditEntry.Verb.RESTORE_MESSAGE,
            messages=messages,
            reason=reason,
            action_id=action_id,
        )
    return messages
