"""What a batch of posts reads and writes, in SQL by hand, the same for both databases.

Django's query compiler takes 200 µs a statement and 40 µs a row here, several times what
the database itself does; a post to an idle room would spend 1.5 ms on nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from chat.models import Room, Site
from chat.standing import as_time

_ROOM_FIELDS = (
    "id",
    "kind",
    "archived_at",
    "slow_mode_s",
    "posting",
    "approve_first",
    "revision",
    "last_seq",
    "pruned_to_seq",
)
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
    held: int = 0
    """The id of the held post that it still is; 0 for a message."""
    is_rejected: bool = False


class SiteNow(NamedTuple):
    """The site, as the batch finds it under its locks."""

    level: str
    rules_revision: int


def lock_rooms(
    room_ids: Collection[int], *, waits: bool
) -> tuple[list[Room], SiteNow, Collection[int]]:
    """Lock the rooms, by ascending id so that two batches never wait for each other.

    Return those that are locked now, how the site stands, and the ids of rooms that somebody
    else holds; of these there are none where the batch ``waits`` for them.
    """
    if not connection.features.has_select_for_update_skip_locked:
        # SQLite: the transaction holds the only write lock already.
        return *_read_rooms(room_ids), ()
    if waits:
        # A statement that had to wait still reads the site as it stood before. So the rooms
        # are taken first, and read by the next.
        ids = _marks(room_ids)
        _select(f"SELECT 1 FROM chat_room WHERE id IN ({ids}) ORDER BY id {_LOCK}", room_ids)
        return *_read_rooms(room_ids), ()
    rooms, site = _read_rooms(room_ids, f"{_LOCK} OF room SKIP LOCKED")
    missing = set(room_ids).difference(room.pk for room in rooms)
    if not missing:
        return rooms, site, ()
    held = _select(f"SELECT id FROM chat_room WHERE id IN ({_marks(missing)})", missing)
    return rooms, site, {pk for (pk,) in held}


_LOCK = "FOR NO KEY UPDATE"
"""What changes of rooms take, too; rows that only refer to a room do not wait for it."""


def _read_rooms(room_ids: Collection[int], lock: str = "") -> tuple[list[Room], SiteNow]:
    """Read the rooms, and the site with them in one statement: every batch wants both."""
    columns = ", ".join(f"room.{name}" for name in _ROOM_FIELDS)
    rows = _select(
        f"SELECT site.level, site.rules_revision, {columns} FROM chat_room room"
        f" LEFT JOIN chat_site site ON site.id = 1 WHERE room.id IN ({_marks(room_ids)})"
        f" ORDER BY room.id {lock}",
        room_ids,
    )
    level, rules_revision = rows[0][:2] if rows else (None, None)
    site = SiteNow(level or Site.Level.NORMAL, rules_revision or 0)
    return [Room.from_db(connection.alias, _ROOM_FIELDS, row[2:]) for row in rows], site


class Author(NamedTuple):
    """Who posts, as far as a post needs it."""

    person: tuple[Any, ...]
    """The columns of ``payloads.PERSON_COLUMNS``."""
    is_staff: bool
    is_newcomer: bool


def read_authors(author_ids: Collection[int], newcomers_since: datetime) -> dict[int, Author]:
    """Return those who are active, banned ones too, by id."""
    since = connection.ops.adapt_datetimefield_value(newcomers_since)
    rows = _select(
        "SELECT id, display_name, hue, picture, kind, is_staff, date_joined > %s FROM chat_user"
        f" WHERE is_active AND id IN ({_marks(author_ids)})",
        [since, *author_ids],
    )
    return {row[0]: Author(row[:5], bool(row[5]), bool(row[6])) for row in rows}


class Membered(NamedTuple):
    """A membership, as far as a post needs it."""

    role: str | None = None
    last_read_seq: int = 0
    last_posted_at: datetime | None = None


def read_memberships(
    user_ids: Collection[int], room_ids: Collection[int]
) -> dict[tuple[int, int], Membered]:
    """Return the memberships by user and room."""
    if not room_ids:
        # An empty list is no SQL to PostgreSQL.
        return {}
    rows = _select(
        "SELECT user_id, room_id, role, last_read_seq, last_posted_at FROM chat_membership"
        f" WHERE room_id IN ({_marks(room_ids)}) AND user_id IN ({_marks(user_ids)})",
        [*room_ids, *user_ids],
    )
    return {(row[0], row[1]): Membered(row[2], row[3], as_time(row[4])) for row in rows}


def read_known(keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], Known]:
    """Return what is stored under these pairs of author and nonce, held posts too."""
    # A join, because of two IN lists SQLite would try every author with every nonce. A held
    # post that was approved is a message by now, and answers as one.
    rows = _select(
        f"WITH asked (author, nonce) AS (VALUES {_rows(len(keys), 2)})"
        " SELECT m.author_id, m.nonce, m.id, m.room_id, m.seq, m.revision, m.nonce_digest,"
        " m.redacted_at IS NOT NULL, 0, '' FROM asked"
        " JOIN chat_message m ON m.author_id = asked.author AND m.nonce = asked.nonce"
        " UNION ALL SELECT h.author_id, h.nonce, 0, h.room_id, 0, 0, h.nonce_digest,"
        " 1 = 0, h.id, h.status FROM asked"
        " JOIN chat_heldpost h ON h.author_id = asked.author AND h.nonce = asked.nonce"
        " WHERE h.status <> 'approved'",
        [value for key in keys for value in key],
    )
    return {
        (author, nonce): Known(
            pk, room, seq, revision, bytes(digest), bool(redacted), held, status == "rejected"
        )
        for author, nonce, pk, room, seq, revision, digest, redacted, held, status in rows
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


def remember_posted(
    posted: Collection[tuple[int, int]], marks: dict[tuple[int, int], int], now: datetime
) -> None:
    """Remember, by user and room, who posted where slow mode will ask for it; move read marks.

    Both in one pass, in the order of ``advance_read_marks``, for the same reason.
    """
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        for user, room in sorted({*posted, *marks}):
            seq = marks.get((user, room), 0)
            cursor.execute(
                "UPDATE chat_membership SET"
                " last_read_seq = CASE WHEN last_read_seq < %s THEN %s ELSE last_read_seq END,"
                f" last_posted_at = {'%s' if (user, room) in posted else 'last_posted_at'}"
                " WHERE user_id = %s AND room_id = %s",
                [seq, seq, *([at] if (user, room) in posted else []), user, room],
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
