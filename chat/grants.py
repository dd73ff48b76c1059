"""What connected people may see, read from the database for many at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone

from chat import payloads
from chat.models import Membership, Room, User


@dataclass(frozen=True, slots=True)
class Grant:
    """What one person may see now. Absent from ``read_grants``: nothing at all."""

    session_hash: str
    """What sessions are signed with; a change of it ends the sockets opened before."""
    roles: dict[int, str] = field(default_factory=dict)
    """Role by room."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a room stands in the database."""

    room_id: int
    revision: int
    last_seq: int
    is_open: bool


def read_grants(user_ids: Collection[int]) -> dict[int, Grant]:
    """Return the grants of the active ones among ``user_ids``."""
    users = User.objects.filter(pk__in=user_ids, is_active=True)
    grants = {
        user.pk: Grant(user.get_session_auth_hash())
        for user in users.only("password", "session_generation")
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
    rows = Room.objects.filter(pk__in=room_ids).values_list("pk", "revision", "last_seq", "kind")
    return [Head(pk, revision, seq, kind == Room.Kind.OPEN) for pk, revision, seq, kind in rows]


def read_entries(user_id: int, room_ids: Collection[int] | None = None) -> list[dict[str, Any]]:
    """Return the ``RoomEntry`` of each room of a person, or of those among ``room_ids``."""
    # One statement by hand, for every page and every socket begins with it.
    rooms = Room.objects.raw(
        "SELECT chat_room.*, m.role AS my_role, m.last_read_seq AS my_last_read_seq"
        " FROM chat_membership m JOIN chat_room ON chat_room.id = m.room_id"
        " WHERE m.user_id = %s ORDER BY chat_room.name_key, chat_room.id",
        [user_id],
    )
    return [_entry(room) for room in rooms if room_ids is None or room.pk in room_ids]


def _entry(room: Any) -> dict[str, Any]:
    return {
        "facts": payloads.facts(room),
        "role": room.my_role,
        "last_seq": room.last_seq,
        "last_read_seq": room.my_last_read_seq,
    }
