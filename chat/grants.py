"""What connected people may see, read from the database for many at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from chat.models import Membership, Room, User


@dataclass(frozen=True, slots=True)
class Grant:
    """What one person may see now. Absent from ``read_grants``: nothing at all."""

    stamp: tuple[str, int]
    """What sessions are signed with; a change of it ends the sockets opened before."""
    roles: dict[int, str] = field(default_factory=dict)
    """Role by room."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a room stands in the database."""

    room_id: int
    revision: int
    last_seq: int


def read_grants(user_ids: Collection[int]) -> dict[int, Grant]:
    """Return the grants of the active ones among ``user_ids``."""
    users = User.objects.filter(pk__in=user_ids, is_active=True)
    grants = {
        pk: Grant((password, generation))
        for pk, password, generation in users.values_list("pk", "password", "session_generation")
    }
    rows = Membership.objects.filter(user_id__in=list(grants))
    for user_id, room_id, role in rows.values_list("user_id", "room_id", "role"):
        grants[user_id].roles[room_id] = role
    return grants


def live_sessions(session_keys: Collection[str]) -> set[str]:
    """Return those of the sessions that have neither ended nor expired."""
    rows = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    return set(rows.values_list("session_key", flat=True))


def read_heads(room_ids: Collection[int]) -> list[Head]:
    """Return the heads of the rooms that exist among ``room_ids``, in one query."""
    rows = Room.objects.filter(pk__in=room_ids).values_list("pk", "revision", "last_seq")
    return [Head(*row) for row in rows]


def read_entries(user_id: int, room_ids: Collection[int] | None = None) -> list[dict[str, Any]]:
    """Return the ``RoomEntry`` of each room of a person, or of those among ``room_ids``."""
    # By hand: every page and every socket begins with it, and Django's compiler takes ten
    # times as long as the database does.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, r.kind, r.name, r.topic, r.archived_at IS NOT NULL, r.member_count,"
            " r.facts_revision, r.last_seq, m.role, m.last_read_seq"
            " FROM chat_membership m JOIN chat_room r ON r.id = m.room_id"
            " WHERE m.user_id = %s ORDER BY r.name_key, r.id",
            [user_id],
        )
        rows = cursor.fetchall()
    return [_entry(row) for row in rows if room_ids is None or row[0] in room_ids]


def _entry(row: tuple[Any, ...]) -> dict[str, Any]:
    room_id, kind, name, topic, archived, members, revision, last_seq, role, last_read_seq = row
    return {
        "facts": {
            "id": room_id,
            "kind": kind,
            "name": name,
            "topic": topic,
            "archived": bool(archived),
            "members": members,
            "revision": revision,
        },
        "role": role,
        "last_seq": last_seq,
        "last_read_seq": last_read_seq,
    }
