"""The clock: every change of a room is made in an open change, and told after commit.

A message needs a revision, only an open change hands one out, and closing it
announces. So nothing can be written in silence, from any door.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chat import errors, payloads
from chat.announce import Announcement, announce_on_commit
from chat.database import writing
from chat.models import Message, Room
from chat.protocol import CHANGES_PER_FRAME
from chat.resume import store_epoch
from chat.search.indexing import entry_of, index_messages, reindex_message


class Change:
    """One ticking transaction of one room; made by ``open_change`` alone."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.since = room.revision
        self._touched: list[int] = []
        self._facts_changed = False
        self._raised_floor = 0

    def _tick(self) -> int:
        self.room.revision += 1
        return self.room.revision

    def next_place(self) -> tuple[int, int]:
        """Return seq and revision for one new message, which whoever calls inserts."""
        self.room.last_seq += 1
        return self.room.last_seq, self._tick()

    def add(self, message: Message) -> Message:
        """Insert a new message with the next seq and revision."""
        message.room_id = self.room.pk
        message.seq, message.revision = self.next_place()
        message.save(force_insert=True)
        index_messages([entry_of(message)])
        self._touched.append(message.pk)
        return message

    def touch(self, message: Message, **fields: Any) -> Message:
        """Change ``fields`` of a message of this room under a new revision."""
        message.revision = self._tick()
        if "body" in fields:
            reindex_message(message.pk, new_body=fields["body"])
        for name, value in fields.items():
            setattr(message, name, value)
        message.save(update_fields=["revision", *fields])
        self._touched.append(message.pk)
        return message

    def set_facts(self, **fields: Any) -> None:
        """Change facts of the room itself under a new revision."""
        self.room.facts_revision = self._tick()
        self._facts_changed = True
        for name, value in fields.items():
            setattr(self.room, name, value)

    def prune(self, *, up_to: int, floor: int) -> None:
        """Say that the messages at the places 1 to ``up_to`` are gone, which the caller removes.

        ``floor`` is the highest revision among them: who stands below it may have missed what
        became of one, and can only be answered with a snapshot. All others are told the place.
        """
        self.set_facts(pruned_to_seq=up_to, floor=max(self.room.floor, floor))
        self._raised_floor = self.room.floor

    @property
    def facts_json(self) -> str | None:
        """The facts as JSON text where this change changed them."""
        return payloads.encode(payloads.facts(self.room)) if self._facts_changed else None

    def close(self) -> None:
        """Write the clock and announce on commit. A change that ticked nothing does nothing."""
        if self.room.revision == self.since:
            return
        self.room.save()
        self.tell(self._parts())

    def _parts(self) -> list[list[Any]] | None:
        if len(self._touched) > CHANGES_PER_FRAME:
            return None
        rows = (
            Message.objects.filter(pk__in=self._touched)
            .order_by("revision")
            .values_list(*payloads.MESSAGE_COLUMNS)
        )
        return [[row[0], row[3], payloads.message_json(row)] for row in rows]

    def tell(self, parts: list[list[Any]] | None) -> None:
        """Announce on commit what changed since this change was opened."""
        announcement = Announcement(
            type="changes",
            epoch=store_epoch(),
            room=self.room.pk,
            since=self.since,
            revision=self.room.revision,
            last_seq=self.room.last_seq,
            parts=parts,
            facts=self.facts_json,
        )
        if self._raised_floor:
            announcement["floor"] = self._raised_floor
        announce_on_commit(announcement)


@contextmanager
def open_change(room_id: int) -> Iterator[Change]:
    """Take the room, hand out revisions, and announce after commit.

    ``select_for_update`` locks the row on PostgreSQL; on SQLite it is silently nothing,
    but the transaction is IMMEDIATE there and holds the only write lock already. A
    refusal raised inside leaves the clock as it was: no revision is burnt.

    Raises ``NotFoundError`` for a room that does not exist, ``BusyError`` as ``writing``.
    """
    with writing():
        room = Room.log.select_for_update(no_key=True).filter(pk=room_id).first()
        if room is None:
            raise errors.NotFoundError
        change = Change(room)
        yield change
        change.close()
