"""Rows to the wire: the one place that knows every payload.

The shapes are those of ``chat/protocol.py``; ``tests/test_payloads.py`` holds the two
together. They are built by hand because a message is encoded on the hot path, once
for all its readers, and a validating model would cost ten times as much there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.conf import settings

from chat.models import Room, User

MESSAGE_COLUMNS = (
    "id",
    "room_id",
    "seq",
    "revision",
    "author_id",
    "author__display_name",
    "author__hue",
    "author__picture",
    "author__kind",
    "nonce",
    "body",
    "created_at",
    "edited_at",
    "pinned_at",
    "redacted_at",
    "redacted_by",
)
"""What ``message_json`` needs, in its order, for ``values_list``."""

PERSON_COLUMNS = ("id", "display_name", "hue", "picture", "kind")


def encode(payload: Any) -> str:
    """Return ``payload`` as JSON text; datetimes as RFC 3339 in UTC."""
    return orjson.dumps(payload, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS).decode()


def for_script(json_text: str) -> str:
    """Return JSON that cannot close its ``<script>`` nor open a comment (HTML, 4.12.1.3)."""
    return json_text.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")


def person(person_id: int, name: str, hue: int, picture: str | None, kind: str) -> dict[str, Any]:
    """Return a ``Person`` from the columns of ``PERSON_COLUMNS``."""
    return {
        "id": person_id,
        "name": name,
        "hue": hue,
        "picture": f"{settings.MEDIA_URL}{picture}" if picture else None,
        "kind": kind,
    }


def person_of(user: User) -> dict[str, Any]:
    """Return a ``Person`` from a user."""
    return person(user.pk, user.display_name, user.hue, user.picture.name, user.kind)


def message_json(row: tuple[Any, ...]) -> str:
    """Return one ``Message`` as JSON text, from the columns of ``MESSAGE_COLUMNS``."""
    redacted_at, redacted_by = row[14], row[15]
    return encode(
        {
            "id": row[0],
            "room": row[1],
            "seq": row[2],
            "revision": row[3],
            "author": person(*row[4:9]),
            "nonce": row[9],
            "body": row[10],
            "created_at": row[11],
            "edited_at": row[12],
            "pinned_at": row[13],
            "redacted": {"at": redacted_at, "by": redacted_by} if redacted_at else None,
        }
    )


def facts(room: Room) -> dict[str, Any]:
    """Return ``RoomFacts``."""
    return {
        "id": room.pk,
        "kind": room.kind,
        "name": room.name,
        "topic": room.topic,
        "archived": room.archived_at is not None,
        "slow_mode": room.slow_mode_s,
        "posting": room.posting,
        "approve_first": room.approve_first,
        "members": room.member_count,
        "keep_days": room.days_kept,
        "pruned_to_seq": room.pruned_to_seq,
        "revision": room.facts_revision,
    }


def changes_text(
    room_id: int, since: int, revision: int, parts: Iterable[str], facts_json: str | None
) -> str:
    """Return a ``changes`` frame around messages that are JSON text already."""
    tail = f',"room_facts":{facts_json}' if facts_json else ""
    return (
        f'{{"type":"changes","room":{room_id},"since":{since},"revision":{revision},'
        f'"messages":[{",".join(parts)}]{tail}}}'
    )


def snapshot_text(room: Room, parts: Iterable[str]) -> str:
    """Return a ``Snapshot`` around messages that are JSON text already."""
    return (
        f'{{"facts":{encode(facts(room))},"revision":{room.revision},"floor":{room.floor},'
        f'"last_seq":{room.last_seq},"messages":[{",".join(parts)}]}}'
    )
