"""What a batch of posts reads and writes, in SQL by hand, the same for both databases.

Django's query compiler takes 200 µs a statement and 40 µs a row here, several times what
the database itself does; a post to an idle room would spend 1.5 ms on nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from chat.models import Room

_ROOM_FIELDS = ("id", "kind", "archived_at", "revision", "last_seq")
_MESSAGE_COLUMNS = (
    "room_id",
    "seq",
    "revision",
    "author_id",
    "nonce",
    "nonce_digest",
    "body",
    "redacted_by",
    "created_at",
)


class Known(NamedTuple):
    """A message that is stored already, as far as a retry of its post must know it."""

    pk: int
    room_id: int
    seq: int
    revision: int
    digest: bytes
    is_tombstone: bool


def lock_rooms(room_ids: Collection[int]) -> list[Room]:
    """Lock the rooms, by ascending id so that two batches never wait for each other."""
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    rows = _select(
        f"SELECT {', '.join(_ROOM_FIELDS)} FROM chat_room WHERE id IN ({_marks(room_ids)})"
        f" ORDER BY id{lock}",
        room_ids,
    )
    return [Room.from_db(connection.alias, _ROOM_FIELDS, row) for row in rows]


def read_authors(author_ids: Collection[int]) -> dict[int, tuple[Any, ...]]:
    """Return the columns of ``payloads.PERSON_COLUMNS`` of the active ones, by id."""
    rows = _select(
        "SELECT id, display_name, hue, picture, kind FROM chat_user"
        f" WHERE is_active AND id IN ({_marks(author_ids)})",
        author_ids,
    )
    return {row[0]: row for row in rows}


def read_memberships(
    user_ids: Collection[int], room_ids: Collection[int]
) -> dict[tuple[int, int], tuple[str, int]]:
    """Return role and read mark by user and room."""
    rows = _select(
        "SELECT user_id, room_id, role, last_read_seq FROM chat_membership"
        f" WHERE room_id IN ({_marks(room_ids)}) AND user_id IN ({_marks(user_ids)})",
        [*room_ids, *user_ids],
    )
    return {(user, room): (role, read) for user, room, role, read in rows}


def read_known(keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], Known]:
    """Return what is stored under these pairs of author and nonce."""
    # A join, because of two IN lists SQLite would try every author with every nonce.
    rows = _select(
        f"WITH asked (author, nonce) AS (VALUES {_rows(len(keys), 2)})"
        " SELECT m.author_id, m.nonce, m.id, m.room_id, m.seq, m.revision, m.nonce_digest,"
        " m.redacted_at IS NOT NULL FROM asked"
        " JOIN chat_message m ON m.author_id = asked.author AND m.nonce = asked.nonce",
        [value for key in keys for value in key],
    )
    return {
        (author, nonce): Known(pk, room, seq, revision, bytes(digest), bool(redacted))
        for author, nonce, pk, room, seq, revision, digest, redacted in rows
    }


def insert_messages(rows: Sequence[tuple[Any, ...]], now: datetime) -> dict[tuple[int, int], int]:
    """Insert messages posted ``now``; return their ids by room and seq.

    Each row: room id, seq, revision, author id, nonce, digest, body.
    """
    created_at = connection.ops.adapt_datetimefield_value(now)
    inserted = _select(
        f"INSERT INTO chat_message ({', '.join(_MESSAGE_COLUMNS)})"
        f" VALUES {_rows(len(rows), len(_MESSAGE_COLUMNS))} RETURNING room_id, seq, id",
        [value for row in rows for value in (*row, "", created_at)],
    )
    return {(room, seq): pk for room, seq, pk in inserted}


def write_clocks(rooms: Iterable[Room]) -> None:
    """Write the clocks of the rooms."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE chat_room SET revision = %s, last_seq = %s WHERE id = %s",
            [(room.revision, room.last_seq, room.pk) for room in rooms],
        )


def advance_read_marks(marks: dict[tuple[int, int], int]) -> None:
    """Move read marks, by user and room, forward to these seqs; none goes back."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE chat_membership SET last_read_seq = %s"
            " WHERE user_id = %s AND room_id = %s AND last_read_seq < %s",
            # In one order, so that two batches never wait for each other.
            [(seq, user, room, seq) for (user, room), seq in sorted(marks.items())],
        )


def _select(sql: str, values: Iterable[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _marks(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _rows(count: int, width: int) -> str:
    return ", ".join([f"({', '.join(['%s'] * width)})"] * count)
