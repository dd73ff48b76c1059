"""Years, months and days above a list of messages, without reading the messages for it.

Django's own navigation looks at every row to offer only dates at which there is one. This one
offers all between the first message and today.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Min, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from chat.models import Message, Room
from chat.search.entries import days_of
from chat.search.looking import matching
from chat.search.questions import Question
from chat.search.scopes import Scope

FIELD = "created_at"
YEAR, MONTH, DAY = (f"{FIELD}__{part}" for part in ("year", "month", "day"))
FIRST_YEAR, LAST_YEAR = 1990, 9990
"""Nobody kept what was said in a chat before; and what comes after, dates cannot count."""
NEVER = (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))

Choice = dict[str, str]


def asked(params: Mapping[str, str]) -> tuple[datetime, datetime] | None:
    """The year, month or day that is asked for, from its beginning to its end, here.

    None where none is; of what is no date, or is none of a chat's, the end is no later
    than the beginning.
    """
    if YEAR not in params:
        return None
    try:
        year, month, day = (int(params.get(part, 1)) for part in (YEAR, MONTH, DAY))
        start = date(year, month, day)
        if DAY in params:
            end = start + timedelta(days=1)
        elif MONTH in params:
            end = start + timedelta(days=monthrange(year, month)[1])
        else:
            end = start.replace(year=year + 1)
    except (ValueError, OverflowError):
        return NEVER
    if not FIRST_YEAR <= year < LAST_YEAR:
        return NEVER
    return _midnight(start), _midnight(end)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def links(cl: Any, rows: QuerySet[Message]) -> dict[str, Any]:
    """What stands above the list ``cl``: a way back, and the next smaller dates.

    ``rows`` are all that the person may read.
    """
    year, month, day = (cl.params.get(part) for part in (YEAR, MONTH, DAY))

    def link(title: str, **chosen: Any) -> Choice:
        dates = {f"{FIELD}__{part}": value for part, value in chosen.items()}
        return {"link": cl.get_query_string(dates, [f"{FIELD}__"]), "title": capfirst(title)}

    if year is None:
        return {"choices": [link(str(each), year=each) for each in _years(rows)]}
    today = timezone.localdate()
    if month is None:
        months = (date(int(year), number, 1) for number in range(1, 13))
        choices = [
            link(date_format(each, "M"), year=year, month=each.month)
            for each in months
            if each <= today
        ]
        return {"back": link(_("All dates")), "title": year, "choices": choices}
    first = date(int(year), int(month), 1)
    if day is None:
        _weekday, length = monthrange(first.year, first.month)
        days = (first.replace(day=number) for number in range(1, length + 1))
        choices = [
            link(str(each.day), year=year, month=month, day=each.day)
            for each in days
            if each <= today
        ]
        title = capfirst(date_format(first, "YEAR_MONTH_FORMAT"))
        return {"back": link(year, year=year), "title": title, "choices": choices}
    back = link(date_format(first, "YEAR_MONTH_FORMAT"), year=year, month=month)
    return {"back": back, "title": date_format(first.replace(day=int(day)), "DATE_FORMAT")}


def _years(rows: QuerySet[Message]) -> Iterator[int]:
    """From the year of the first message to this one."""
    began = _first_of_a_room(rows)
    if began is not None:
        yield from range(_first_year(rows, began.year), timezone.localtime().year + 1)


def _first_of_a_room(rows: QuerySet[Message]) -> datetime | None:
    first = rows.filter(room=OuterRef("pk"), seq=1).order_by().values(FIELD)[:1]
    began: datetime | None = (
        Room.objects.filter(last_seq__gt=0)
        .annotate(began=Subquery(first))
        .aggregate(first=Min("began"))["first"]
    )
    return None if began is None else timezone.localtime(began)


def _first_year(rows: QuerySet[Message], year: int) -> int:
    """``year``, or one before it, of what was brought into a room where people talked already."""

    def is_there(first: int, last: int) -> bool:
        days = days_of(datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC))
        return bool(matching(Question(), scope=Scope(days=days), among=rows, limit=1))

    if year <= FIRST_YEAR or not is_there(FIRST_YEAR, year - 1):
        return year
    return next(before for before in range(FIRST_YEAR, year) if is_there(before, before))
