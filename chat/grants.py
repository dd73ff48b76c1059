"""What connected people may see, read from the database for many at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from chat.models import Membership, Room, User
from chat.standing import Standing, Standings, read_standings, standing_of


@dataclass(frozen=True, slots=True)
class Grant:
    """What one person may see now. Absent from ``read_grants``: nothing at all."""

    stamp: tuple[str, int]
    """What sessions are signed with; a change of it ends the sockets opened before."""
    is_staff: bool = False
    roles: dict[int, str] = field(default_factory=dict)
    """Role by room, without the rooms that the person is banned from."""
    standings: Standings = field(default_factory=Standings)

    def muted(self, room_id: int) -> Standing | None:
        """The mute that bites in a room."""
        return self.standings.mute_in(room_id)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a room stands in the database."""

    room_id: int
    revision: int
    last_seq: int


def read_grants(user_ids: Collection[int]) -> dict[int, Grant]:
    """Return the grants of the active ones among ``user_ids``, of banned ones too."""
    standings = read_standings(user_ids, with_kicks=True)
    users = User.objects.filter(pk__in=user_ids, is_active=True)
    columns = ("pk", "password", "session_generation", "is_staff")
    grants = {
        pk: Grant((password, generation), staff, standings=standings.get(pk) or Standings())
        for pk, password, generation, staff in users.values_list(*columns)
    }
    rows = Membership.objects.filter(user_id__in=list(grants))
    for user_id, room_id, role in rows.values_list("user_id", "room_id", "role"):
        if room_id not in grants[user_id].standings.bans:
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
            "SELECT r.id, r.kind, r.name, r.topic, r.archived_at IS NOT NULL, r.slow_mode_s,"
            " r.posting, r.approve_first, r.member_count, r.keep_days, r.pruned_to_seq,"
            " r.facts_revision, r.last_seq, m.role, m.last_read_seq"
            " FROM chat_membership m JOIN chat_room r ON r.id = m.room_id"
            " WHERE m.user_id = %s ORDER BY r.name_key, r.id",
            [user_id],
        )
        rows = cursor.fetchall()
    standings = standing_of(user_id)
    return [
        _entry(row, standings.mute_in(row[0]))
        for row in rows
        if row[0] not in standings.bans and (room_ids is None or row[0] in room_ids)
    ]


def _entry(row: tuple[Any, ...], mute: Standing | None) -> dict[str, Any]:
    *_facts, last_seq, role, last_read_seq = row
    room_id, kind, name, topic, archived, slow_mode, posting, approve_first, members = _facts[:9]
    keep_days, pruned_to_seq, revision = _facts[9:]
    return {
        "facts": {
            "id": room_id,
            "kind": kind,
            "name": name,
            "topic": topic,
            "archived": bool(archived),
            "slow_mode": slow_mode,
            "posting": posting,
            "approve_first": approve_first,
            "members": members,
            "keep_days": settings.KEEP_DAYS if keep_days is None else keep_days,
            "pruned_to_seq": pruned_to_seq,
            "revision": revision,
        },
        "role": role,
        "last_seq": last_seq,
        # What was removed unread is unread no longer.
        "last_read_seq": max(last_read_seq, pruned_to_seq),
        "muted": {"until": mute.until, "reason": mute.reason} if mute is not None else None,
    }
