"""Holding a post back: it waits for a moderator, and takes no place in the room."""

from __future__ import annotations

from chat.announce import tell_held
from chat.models import HeldPost


def hold_post(
    *, author_id: int, room_id: int, nonce: str, digest: bytes, body: str, cause: str
) -> HeldPost:
    """Keep a post for the moderators of its room, in the open transaction."""
    held = HeldPost.log.create(
        author_id=author_id,
        room_id=room_id,
        nonce=nonce,
        nonce_digest=digest,
        body=body,
        cause=cause,
    )
    tell_held(room_id)
    return held
