"""Who a session belongs to: allauth's backend, with the one look-up that every request makes."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from chat.models import User
from chat.rows import read_row


class SignInBackend(AuthenticationBackend):
    """Signs in by name or e-mail as allauth does."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the active user of a session; None where there is none any more."""
        user = read_row(User, "id = %s", [user_id])
        return user if user is not None and user.is_active else None
