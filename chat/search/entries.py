"""What the index keeps of a message: the terms of its text, and where and when it was said.

Room, author and day are facets: terms that no text can have, since ``§`` is in none. With
them a look-up in one small room or on one day costs as little as one for a rare word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

_ONE_DAY = timedelta(days=1)
REDACTED = "§redacted"


class Entry(NamedTuple):
    """One message, as it is indexed. ``day`` is UTC's, ``20261121``; a tombstone has no body."""

    id: int
    room_id: int
    author_id: int
    day: str
    body: str

    @property
    def facets(self) -> str:
        redacted = "" if self.body else f" {REDACTED}"
        return f"§room{self.room_id} §author{self.author_id} {_days(self.day)}{redacted}"


@lru_cache(maxsize=1024)
def _days(day: str) -> str:
    return f"§{day[:4]} §{day[:6]} §{day}"


def day_of(moment: datetime) -> str:
    """The day of ``moment`` as an entry has it."""
    return f"{moment.astimezone(UTC):%Y%m%d}"


def room_facets(room_ids: Iterable[int]) -> tuple[str, ...]:
    return tuple(f"§room{room_id}" for room_id in room_ids)


def author_facets(author_ids: Iterable[int]) -> tuple[str, ...]:
    return tuple(f"§author{author_id}" for author_id in author_ids)


def days_of(start: datetime, end: datetime) -> tuple[str, ...]:
    """The fewest facets of years, months and days that cover what is before ``end``.

    They begin and end with whole days of UTC, so they may cover some hours more.
    """
    first = start.astimezone(UTC).date()
    last = (end.astimezone(UTC) - timedelta(microseconds=1)).date()
    return tuple(_covering(first, last))


def _covering(day: date, last: date) -> Iterator[str]:
    while day <= last:
        next_year = date(day.year + 1, 1, 1)
        next_month = (day.replace(day=1) + 31 * _ONE_DAY).replace(day=1)
        if (day.month, day.day) == (1, 1) and next_year - _ONE_DAY <= last:
            yield f"§{day:%Y}"
            day = next_year
        elif day.day == 1 and next_month - _ONE_DAY <= last:
            yield f"§{day:%Y%m}"
            day = next_month
        else:
            yield f"§{day:%Y%m%d}"
            day += _ONE_DAY
