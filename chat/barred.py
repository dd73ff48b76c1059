"""Who would be signed in, were they not banned from the site: they are told so, and why."""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

from chat.standing import Standing, standing_of


def ban_of(session: SessionBase) -> Standing | None:
    """Return the ban that keeps the person of a session out; None where none does."""
    user_id = session.get(SESSION_KEY)
    return standing_of(int(user_id)).bans.get(None) if user_id is not None else None
