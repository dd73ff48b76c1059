"""Everything whose time is over, removed in one sweep: by the site itself, or by ``prune``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from chat.actions.evidence import forget_expired
from chat.actions.retention import prune_due
from chat.database import writing
from chat.models import Invitation

INVITATION_STAYS = timedelta(days=7)
"""So long whoever looks after the site can still be told why a link no longer works."""
ROWS_AT_ONCE = 500
SLICES_A_SWEEP = 50
"""The site goes on with the rest at its next look: a thread is not taken for minutes."""


@dataclass(frozen=True)
class Swept:
    """How many rows went."""

    kept_apart: int
    """Evidence, texts of rejected posts, seen addresses."""
    ended: int
    """Sessions and invitations."""
    messages: int


def sweep(*, actor: None = None, slices: int | None = SLICES_A_SWEEP) -> Swept:
    """Remove what has expired and what rooms keep no longer, at most so many slices of messages.

    ``actor`` is nobody: the site does by itself what was set before. Raises ``BusyError``.
    """
    kept_apart, ended = forget_expired(), forget_ended()
    return Swept(kept_apart, ended, prune_due(slices=slices))


def forget_ended(*, actor: None = None) -> int:
    """Remove sessions that have ended, and invitations that expired a while ago."""
    now = timezone.now()
    sessions = Session.objects.filter(expire_date__lt=now)
    invitations = Invitation.objects.filter(expires_at__lt=now - INVITATION_STAYS)
    return _bit_by_bit(sessions) + _bit_by_bit(invitations)


def _bit_by_bit(rows: QuerySet[Any]) -> int:
    """Remove rows, ``ROWS_AT_ONCE`` in a transaction: nobody waits long, however many they are."""
    count = 0
    while True:
        with writing():
            keys = list(rows.values_list("pk", flat=True)[:ROWS_AT_ONCE])
            count += rows.filter(pk__in=keys).delete()[0]
        if len(keys) < ROWS_AT_ONCE:
            return count
