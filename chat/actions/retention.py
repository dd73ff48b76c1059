"""Remove what is kept no longer, for good; and say for how long a room keeps what is said."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator

from django.db import DatabaseError, connection

from chat import errors, policy
from chat.actions import audit
from chat.actions.rooms import change_facts
from chat.changes import open_change
from chat.models import AuditEntry, Message, Room
from chat.models.room import MAX_KEEP_DAYS
from chat.policy import Actor
from chat.retention import Going, KeepRule, read_going, rooms_with_a_term, rule_of
from chat.search.indexes import the_index

logger = logging.getLogger(__name__)

MESSAGES_A_SLICE = 200
"""So many go under one lock: a few hundredths of a second, in which nobody posts there."""
LEAST_REST_S = 0.02
TRIES = 5
TRY_AGAIN_S = 0.5

# What refers to a message goes with it or, as the audit, goes on without it.
_GONE = "(SELECT id FROM chat_message WHERE room_id = %s AND seq <= %s)"
_CASES_GONE = f"(SELECT id FROM chat_reportcase WHERE message_id IN {_GONE})"  # noqa: S608
_STATEMENTS = (
    f"DELETE FROM chat_evidence WHERE message_id IN {_GONE}",  # noqa: S608
    f"DELETE FROM chat_report WHERE case_id IN {_CASES_GONE}",  # noqa: S608
    f"DELETE FROM chat_reportcase WHERE message_id IN {_GONE}",  # noqa: S608
    f"DELETE FROM chat_heldpost WHERE message_id IN {_GONE}",  # noqa: S608
    f"UPDATE chat_auditentry SET message_id = NULL WHERE message_id IN {_GONE}",  # noqa: S608
    "DELETE FROM chat_message WHERE room_id = %s AND seq <= %s",
)


def set_keep_days(
    *,
    actor: Actor,
    room_id: int,
    days: int | None,
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> None:
    """Keep what is said in a room for so many days; 0 for ever, None as the site does.

    Nothing is removed here: what is too old by then goes with the next ``prune``. Raises
    ``BadFieldError``, and as ``policy.check_owns``.
    """
    if days is not None and not 0 <= days <= MAX_KEEP_DAYS:
        raise errors.BadFieldError
    user = policy.check_signed_in(actor)
    with open_change(room_id) as change:
        policy.check_owns(user, change.room)
        change_facts(
            user,
            room_id,
            AuditEntry.Verb.SET_KEEP_DAYS,
            reason,
            details="" if days is None else str(days),
            action_id=action_id,
            keep_days=days,
        )


def prune_due(*, actor: None = None, slices: int | None = None) -> int:
    """Remove from every room what it keeps no longer; return how many messages it were.

    ``actor`` is nobody: the site does by itself what was set before. At most so many
    ``slices`` are removed, since it may be done bit by bit. Raises ``BusyError``.
    """
    count = 0
    for room_id, days in rooms_with_a_term():
        try:
            for removed in prune_room(room_id=room_id, rule=rule_of(days=days)):
                count += removed
                if slices is not None:
                    slices -= 1
                    if slices <= 0:
                        return count
        except DatabaseError:
            # Whatever is wrong with this one, the others keep nothing longer than they say.
            logger.exception("what is too old in room %s could not be removed", room_id)
    return count


def prune_by_hand(*, actor: None = None, room_id: int, rule: KeepRule, asked: str) -> Iterator[int]:
    """Remove what an operator asked for, and write it into the audit; yield as ``prune_room``.

    ``asked`` says it in the words of the command. Raises as ``prune_room``.
    """
    with open_change(room_id) as change:
        if read_going(change.room, rule, 1) is None:
            return
        audit.record(
            actor=None, verb=AuditEntry.Verb.PRUNE, room=change.room, reason="", details=asked
        )
    yield from prune_room(room_id=room_id, rule=rule)


def prune_room(*, actor: None = None, room_id: int, rule: KeepRule) -> Iterator[int]:
    """Remove slice by slice what the rule takes; yield how many went with each.

    Between two slices the room is free for as long as one took. Raises ``NotFoundError``,
    and ``BusyError`` where the database did not answer several times in a row.
    """
    while True:
        began = time.monotonic()
        removed = _patiently(room_id, rule)
        if not removed:
            return
        yield removed
        time.sleep(max(time.monotonic() - began, LEAST_REST_S))


def _patiently(room_id: int, rule: KeepRule) -> int:
    for _ in range(TRIES - 1):
        try:
            return prune_slice(room_id=room_id, rule=rule)
        except errors.BusyError:
            time.sleep(TRY_AGAIN_S)
    return prune_slice(room_id=room_id, rule=rule)


def prune_slice(*, actor: None = None, room_id: int, rule: KeepRule) -> int:
    """Remove the oldest messages that the rule takes, a slice at most; return how many.

    One change of the room: readers who are connected are told the place up to which they
    drop what they have, and who stands below the floor starts from a snapshot. Raises
    ``NotFoundError, BusyError``.
    """
    with open_change(room_id) as change:
        going = read_going(change.room, rule, MESSAGES_A_SLICE)
        if going is None:
            return 0
        _remove(change.room, going)
        change.prune(up_to=going.up_to, floor=going.floor)
    return len(going.ids)


def _remove(room: Room, going: Going) -> None:
    # Messages are locked before their entries in the index, as everywhere.
    list(Message.log.select_for_update().filter(pk__in=going.ids).order_by("pk").values_list("pk"))
    the_index().forget(going.ids)
    with connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, [room.pk, going.up_to])
