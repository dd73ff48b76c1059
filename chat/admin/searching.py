"""What is typed into a list's search box, turned into look-ups that an index answers."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from chat import names, room_names
from chat.models import Room, User

NAMES_TRIED = 20
"""So many people, and rooms, may fit what was typed; a list of more would be no answer."""
MAX_ID_DIGITS = 18


def as_id(term: str) -> int | None:
    """The id in ``42`` or ``#42``; None for anything else."""
    digits = term.strip().removeprefix("#")
    is_id = digits.isascii() and digits.isdecimal() and len(digits) <= MAX_ID_DIGITS
    return int(digits) if is_id else None


def people_like(term: str) -> list[int]:
    """The ids of people whose names look like ``term``, or begin or go on so."""
    look = names.skeleton(term)
    if not look:
        return []
    exact = list(User.objects.filter(name_skeleton=look).values_list("pk", flat=True))
    found = User.objects.filter(name_skeleton__contains=look).order_by("pk")
    return exact or list(found.values_list("pk", flat=True)[:NAMES_TRIED])


def rooms_like(term: str) -> list[int]:
    """The ids of rooms that are called ``term``, or have it in their name."""
    key = room_names.name_key(term.strip())
    if not key:
        return []
    exact = list(Room.objects.filter(name_key=key).values_list("pk", flat=True))
    found = Room.objects.filter(name_key__contains=key).order_by("pk")
    return exact or list(found.values_list("pk", flat=True)[:NAMES_TRIED])


def narrowed(rows: QuerySet[Any], *, person: str, room: str, term: str) -> QuerySet[Any]:
    """Rows of a person or of a room called ``term``; ``person``, ``room`` name the columns.

    One person or one room is an equality, which an index answers already in order of id.
    """
    people, rooms = people_like(term), rooms_like(term)
    if len(people) == 1 and not rooms:
        return rows.filter(**{person: people[0]})
    if len(rooms) == 1 and not people:
        return rows.filter(**{room: rooms[0]})
    return rows.filter(Q(**{f"{person}__in": people}) | Q(**{f"{room}__in": rooms}))


def meant(term: str) -> list[dict[str, str]]:
    """Links to the messages of the person and of the rooms that are called ``term`` exactly."""
    look, key = names.skeleton(term), room_names.name_key(term.strip())
    if not look or not key:
        return []
    people = User.objects.filter(name_skeleton=look).values_list("pk", "display_name")
    rooms = Room.objects.filter(name_key=key, kind=Room.Kind.OPEN).values_list("pk", "name")
    list_of_messages = reverse("admin:chat_message_changelist")
    return [
        *(
            {"person": name, "address": f"{list_of_messages}?author__id__exact={pk}"}
            for pk, name in people
        ),
        *(
            {"room": name, "address": f"{list_of_messages}?room__id__exact={pk}"}
            for pk, name in rooms
        ),
    ]
