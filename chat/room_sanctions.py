"""Who is muted in a room or banned from it, for those who moderate it."""

from __future__ import annotations

from chat.models import Room, Sanction
from chat.models.sanction import ACTIVE

SHOWN = 500


def read_room_sanctions(room: Room) -> list[Sanction]:
    """Return the mutes and bans of this room that bite now, the newest first."""
    standing = Sanction.objects.filter(ACTIVE, room=room).exclude(kind=Sanction.Kind.KICK)
    return list(standing.select_related("user", "actor").order_by("-pk")[:SHOWN])
