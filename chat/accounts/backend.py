"""Who a session belongs to: allauth's backend, with the one look-up that every request makes."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from chat.models import User
from chat.rows import read_row
from chat.standing import IN_GOOD_STANDING


class SignInBackend(AuthenticationBackend):
    """Signs in by name or e-mail as allauth does."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the person of a session, unless they are switched off or banned by now."""
        return read_row(User, f"id = %s AND {IN_GOOD_STANDING}", [user_id])
