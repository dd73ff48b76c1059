"""How far people have read: many marks moved in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from chat import post_rows
from chat.database import writing
from chat.models import Membership
from chat.standing import read_standings


@dataclass(frozen=True, slots=True)
class ReadIntent:
    """Somebody has seen a room up to ``seq``."""

    user_id: int
    room_id: int
    seq: int

    @property
    def room_key(self) -> tuple[int, int]:
        """Person and room: what a membership is found by."""
        return self.user_id, self.room_id


def commit_reads(intents: Sequence[ReadIntent]) -> list[int | None]:
    """Move read marks forward in one transaction; a mark never goes back or past the end.

    Returns for each intent, in order, the seq that was seen: past the newest message means
    the newest. None for who is no member, or banned: they are not told how far a room has
    come. Raises ``BusyError``; then nothing was stored.
    """
    with writing():
        last_seqs = _last_seqs(intents)
        seen = [
            min(intent.seq, last_seqs[intent.room_key]) if intent.room_key in last_seqs else None
            for intent in intents
        ]
        furthest: dict[tuple[int, int], int] = defaultdict(int)
        for intent, seq in zip(intents, seen, strict=True):
            if seq is not None:
                furthest[intent.room_key] = max(seq, furthest[intent.room_key])
        if furthest:
            post_rows.advance_read_marks(furthest)
    return seen


def _last_seqs(intents: Sequence[ReadIntent]) -> dict[tuple[int, int], int]:
    """Return the newest places of the rooms, by person and room, for those who may read them."""
    user_ids = {intent.user_id for intent in intents}
    standings = read_standings(user_ids)
    rows = Membership.objects.filter(
        user_id__in=user_ids, room_id__in={intent.room_id for intent in intents}
    ).values_list("user_id", "room_id", "room__last_seq")
    return {
        (user_id, room_id): last_seq
        for user_id, room_id, last_seq in rows
        if user_id not in standings or standings[user_id].ban_in(room_id) is None
    }
