"""What the list of messages is asked for: words, people, rooms, days, a number."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from chat.admin import dates
from chat.admin.searching import as_id, people_like, rooms_like
from chat.models import Message
from chat.search.entries import days_of
from chat.search.looking import matching
from chat.search.questions import Question, ask
from chat.search.scopes import Scope

FOUND_MOST = 250
"""So many are looked up and stand on numbered pages; what lies beyond is reached by key."""

PERSON, ROOM = "from", "in"
PERSON_LINK, ROOM_LINK = "author__id__exact", "room__id__exact"
BEFORE = "id__lt"
_PREFIXED = re.compile(r'(?<!\S)(from|in)[:：]("[^"]*"?|“[^”]*”?|「[^」]*」?|\S+)', re.IGNORECASE)

Ids = Collection[int] | None
"""None is any; an empty one is none at all."""


@dataclass
class Asked:
    """What a request asks for. ``found`` are the ids, once the index was asked."""

    text: str
    question: Question
    number: int | None
    people: Ids
    rooms: Ids
    days: tuple[datetime, datetime] | None
    is_redacted: bool
    before_id: int | None
    found: list[int] | None = None

    @property
    def is_in_vain(self) -> bool:
        """Nobody is called so, no room is, nothing typed is a word, or no day is meant."""
        is_no_word = bool(self.text) and self.number is None and not self.question.phrases
        return is_no_word or self.people == () or self.rooms == () or self.days == dates.NEVER

    @property
    def scope(self) -> Scope:
        return Scope(
            rooms=tuple(self.rooms or ()),
            authors=tuple(self.people or ()),
            days=days_of(*self.days) if self.days else (),
            is_redacted=self.is_redacted,
        )

    def narrowed(self, rows: QuerySet[Message]) -> QuerySet[Message]:
        """The rows by these people, in these rooms."""
        if self.people is not None:
            rows = rows.filter(author__in=self.people)
        return rows if self.rooms is None else rows.filter(room__in=self.rooms)


def asked_for(request: HttpRequest) -> Asked:
    """What ``request`` asks for, read once."""
    known: Asked | None = getattr(request, "asked", None)
    if known is None:
        known = _read(request.GET)
        request.asked = known  # type: ignore[attr-defined]
    return known


def _read(params: Mapping[str, str]) -> Asked:
    typed = _typed(params, "q")
    names: dict[str, list[str]] = {PERSON: [], ROOM: []}
    for prefix, name in _PREFIXED.findall(typed):
        names[prefix.lower()].append(name.strip('"“”「」'))
    for parameter, said in names.items():
        if named := _typed(params, parameter):
            said.append(named)
    text = _PREFIXED.sub(" ", typed).strip()
    number = as_id(text) if text.startswith("#") else None
    return Asked(
        text=text,
        question=ask(text if number is None else ""),
        number=number,
        people=_ids([people_like(name) for name in names[PERSON]], params.get(PERSON_LINK)),
        rooms=_ids([rooms_like(name) for name in names[ROOM]], params.get(ROOM_LINK)),
        days=dates.asked(params),
        is_redacted=params.get("redacted") in Message.RedactedBy.values,
        before_id=as_id(params.get(BEFORE, "")),
    )


def _typed(params: Mapping[str, str], name: str) -> str:
    # PostgreSQL cannot even be asked for a NUL.
    return params.get(name, "").replace("\x00", "").strip()


def _ids(named: list[list[int]], linked: str | None) -> Ids:
    """The ids that everything said agrees on."""
    if linked is not None:
        pk = as_id(linked)
        named = [*named, [] if pk is None else [pk]]
    if not named:
        return None
    first, *others = named
    return tuple(pk for pk in first if all(pk in other for other in others))


def found(asked: Asked, rows: QuerySet[Message]) -> QuerySet[Message]:
    """The rows that are asked for: by an index, or by walking down the ids where all may be.

    ``rows`` are those that may be read, narrowed already by what the index does not know.
    """
    if asked.is_in_vain:
        return rows.none()
    if asked.number is not None:
        in_one_room = asked.rooms is not None and len(asked.rooms) == 1
        place = Q(seq=asked.number) if in_one_room else Q(pk=asked.number)
        return asked.narrowed(rows).filter(place)
    is_all = asked.people is None and asked.rooms is None and asked.days is None
    if is_all and not asked.question.phrases:
        return rows
    asked.found = matching(
        asked.question,
        scope=asked.scope,
        among=rows,
        before_id=asked.before_id,
        limit=FOUND_MOST + 1,
    )
    return rows.filter(pk__in=asked.found)
