"""Fills an empty store with a million messages, by straight SQL: the actions would take long.

Rooms and people are as unlike in size as they are: a few say and hold most. One room is
private, and nobody's of the staff; and a few hundred people talk in pairs.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from typing import Any

from django.db import connection

from benchmarks.chatter import Chatter

ROOMS, PAIRS, PEOPLE = 40, 300, 2_000
PRIVATE_ROOM = 4
"""The fifth largest."""
RARE_WORD = "zyzzyva"
RARE_AT = (0.0001, 0.5, 0.999)
"""Where in the whole the rare word is."""
REDACTED_EVERY = 1_009
SPAN = timedelta(days=1_400)
CHUNK = 5_000


def fill(count: int) -> None:
    """Make people, rooms, memberships and ``count`` messages, and index them."""
    from chat.models import Message, Room

    if connection.vendor == "sqlite":
        # Its own 2 MB would be read and written over and over.
        connection.cursor().execute("PRAGMA cache_size = -400000")
    people, rooms = _people(), _rooms()
    columns = [str(field.column) for field in Message._meta.concrete_fields]
    said = _Said(people, rooms, count)
    _insert("chat_message", columns, said.rows())
    for room in Room.log.filter(pk__in=rooms):
        Room.log.filter(pk=room.pk).update(
            last_seq=said.places[room.pk], revision=said.places[room.pk]
        )
    _index()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _people() -> list[int]:
    from chat.models import User
    from chat.names import skeleton

    made = [User(display_name=f"Person {number:04d}") for number in range(PEOPLE)]
    for person in made:
        # ``bulk_create`` does not call ``save``, which is who would set it.
        person.name_skeleton = skeleton(person.display_name)
        person.set_unusable_password()
    return [person.pk for person in User.objects.bulk_create(made)]


def _rooms() -> list[int]:
    from chat.models import Room

    kinds = [Room.Kind.OPEN] * ROOMS + [Room.Kind.DIRECT] * PAIRS
    kinds[PRIVATE_ROOM] = Room.Kind.PRIVATE
    names = [f"Room {number:03d}" for number in range(len(kinds))]
    made = [
        Room(kind=kind, name=name, name_key=name.casefold())
        for kind, name in zip(kinds, names, strict=True)
    ]
    return [room.pk for room in Room.log.bulk_create(made)]


class _Said:
    """The messages as rows of the table, in order of their ids."""

    def __init__(self, people: list[int], rooms: list[int], count: int) -> None:
        self._chance = random.Random(2)
        self._chatter = Chatter()
        self._people, self._rooms, self._count = people, rooms, count
        self._rare = {int(part * count) for part in RARE_AT}
        self.places: Counter[int] = Counter()

    def rows(self) -> Iterator[list[Any]]:
        from chat.models import Message

        defaults = {field.column: field.get_default() for field in Message._meta.concrete_fields}
        start = datetime.now(UTC) - SPAN
        step = SPAN / self._count
        where = self._drawn(self._rooms, 1.2)
        who = self._drawn(self._people, 1.0)
        for number in range(self._count):
            room = next(where)
            self.places[room] += 1
            body = self._chatter.message() + f" {RARE_WORD}" * (number in self._rare)
            is_redacted = number % REDACTED_EVERY == 0
            at = start + step * number
            row = {
                **defaults,
                "id": number + 1,
                "room_id": room,
                "seq": self.places[room],
                "revision": self.places[room],
                "author_id": next(who),
                "nonce": f"{number:016x}",
                "nonce_digest": hashlib.sha256(body.encode()).digest(),
                "body": "" if is_redacted else body,
                "created_at": at,
                "redacted_at": at if is_redacted else None,
                "redacted_by": "moderator" if is_redacted else "",
            }
            yield list(row.values())

    def _drawn(self, ids: list[int], skew: float) -> Iterator[int]:
        weights = list(accumulate(1 / (rank + 1) ** skew for rank in range(len(ids))))
        while True:
            yield from self._chance.choices(ids, cum_weights=weights, k=CHUNK)


def _insert(table: str, columns: list[str], rows: Iterable[list[Any]]) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            names = ", ".join(columns)
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table}"  # noqa: S608
            )
        return
    marks = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    with connection.cursor() as cursor:
        while chunk := [_for_sqlite(row) for row in islice(rows, CHUNK)]:
            cursor.executemany(sql, chunk)


def _for_sqlite(row: list[Any]) -> list[Any]:
    adapt = connection.ops.adapt_datetimefield_value
    return [adapt(value) if isinstance(value, datetime) else value for value in row]


def _index() -> None:
    """Make the index as the migration does where there are messages already."""
    from importlib import import_module

    from django.apps import apps

    migration: Any = import_module("chat.migrations.0003_search")
    editor = connection.schema_editor(atomic=False)
    migration.drop_index(apps, editor)
    migration.make_index(apps, editor)
