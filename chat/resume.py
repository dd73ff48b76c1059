"""What changed since a cursor, a snapshot, a page of history: reading the room log."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

from django.db.models import QuerySet

from chat import payloads, protocol
from chat.models import Message, Room, Store


@cache
def store_epoch() -> str:
    """Return the identity of this store, as first read; ``chat/watches.py`` sees a new one.

    Not for the event loop, which may not go to the database: there it is ``hub.epoch``.
    """
    return read_epoch()


def read_epoch() -> str:
    """Return the epoch as the database has it now."""
    return Store.objects.values_list("epoch", flat=True).get(pk=1)


def parse_cursor(cursor: str | None, epoch: str) -> int | None:
    """Return the revision of a cursor of ``epoch``; None for any other."""
    if cursor is None:
        return None
    its_epoch, revision = cursor.split(":")
    return int(revision) if its_epoch == epoch else None


@dataclass(frozen=True, slots=True)
class Part:
    """One message in its current form."""

    message_id: int
    revision: int
    text: str
    """The message as JSON text."""


@dataclass(frozen=True, slots=True)
class ChangesSince:
    """Everything that changed after ``since``, as it stood at ``room.revision``."""

    room: Room
    since: int
    parts: list[Part]

    @property
    def facts_json(self) -> str | None:
        """The facts as JSON text, where they changed after ``since``."""
        if self.room.facts_revision <= self.since:
            return None
        return payloads.encode(payloads.facts(self.room))


def _parts(rows: QuerySet[Message]) -> list[Part]:
    return [
        Part(row[0], row[3], payloads.message_json(row))
        for row in rows.values_list(*payloads.MESSAGE_COLUMNS)
    ]


def changes_since(room_id: int, since: int) -> ChangesSince | None:
    """Return what changed after revision ``since``; None where only a snapshot can answer.

    That is so below the floor, ahead of the head (a store that went back in time), and
    for more than ``CHANGES_PER_RESUME`` changes. Raises ``Room.DoesNotExist``.
    """
    # The room is read first and the messages up to its revision: a post committed
    # between the two statements is left for the next frame instead of tearing this one.
    room = Room.objects.get(pk=room_id)
    if not room.floor <= since <= room.revision:
        return None
    rows = Message.objects.filter(
        room_id=room_id, revision__gt=since, revision__lte=room.revision
    ).order_by("revision")
    parts = _parts(rows[: protocol.CHANGES_PER_RESUME + 1])
    if len(parts) > protocol.CHANGES_PER_RESUME:
        return None
    return ChangesSince(room, since, parts)


def read_newest_changes(room_id: int) -> ChangesSince:
    """Return the newest changes, enough to resume most readers. Raises ``Room.DoesNotExist``."""
    room = Room.objects.get(pk=room_id)
    # Each tick is one message or none, so this many ticks are at most as many messages.
    since = max(room.floor, room.revision - protocol.CHANGES_PER_FRAME)
    rows = Message.objects.filter(
        room_id=room_id, revision__gt=since, revision__lte=room.revision
    ).order_by("revision")
    return ChangesSince(room, since, _parts(rows))


@dataclass(frozen=True)
class Snapshot:
    """A room as it stands at ``revision``."""

    revision: int
    text: str
    """The wire's ``Snapshot`` as JSON text."""

    @cached_property
    def script_text(self) -> str:
        """The text as it may stand inside of a ``<script>``."""
        return payloads.for_script(self.text)


def read_snapshot(room_id: int) -> Snapshot:
    """Return the room as it stands. Raises ``Room.DoesNotExist``."""
    # No transaction: on SQLite it would take the write lock. A message that changes between
    # the two statements is shown newer than the snapshot says, and its change comes again.
    room = Room.objects.get(pk=room_id)
    newest = Message.objects.filter(room_id=room_id, seq__lte=room.last_seq).order_by("-seq")
    parts = _parts(newest[: protocol.SNAPSHOT_MESSAGES])
    parts.reverse()
    return Snapshot(room.revision, payloads.snapshot_text(room, (part.text for part in parts)))


def read_pins(room: Room) -> str:
    """Return what is pinned in a room as JSON text: ``{messages, revision}``, the newest first."""
    pinned = Message.objects.filter(room=room, pinned_at__isnull=False).order_by("-pinned_at")
    messages = ",".join(part.text for part in _parts(pinned[: protocol.PINS_SHOWN]))
    return f'{{"messages":[{messages}],"revision":{room.revision}}}'


def read_history(
    room: Room,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = protocol.HISTORY_DEFAULT,
) -> str:
    """Return a page of history as JSON text: ``{messages, revision, last_seq}``.

    ``messages`` are by ascending seq: the ``limit`` before or after a seq (exclusive), or
    around one, or the newest. ``revision`` is the room's before the messages were read, so
    each of them is at least that new.
    """
    rows = Message.objects.filter(room=room)
    if around is not None:
        half = limit // 2
        parts = _parts(rows.filter(seq__lt=around).order_by("-seq")[:half])[::-1]
        parts += _parts(rows.filter(seq__gte=around).order_by("seq")[: limit - half])
    elif after is not None:
        parts = _parts(rows.filter(seq__gt=after).order_by("seq")[:limit])
    else:
        older = rows if before is None else rows.filter(seq__lt=before)
        parts = _parts(older.order_by("-seq")[:limit])[::-1]
    return (
        f'{{"messages":[{",".join(part.text for part in parts)}],'
        f'"revision":{room.revision},"last_seq":{room.last_seq}}}'
    )
