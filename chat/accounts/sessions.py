"""Sessions: Django's in the database with a cache before it, and keys that can be looked up."""

from __future__ import annotations

from django.contrib.sessions.backends import cached_db


class SessionStore(cached_db.SessionStore):
    """What ``SESSION_ENGINE`` finds here by this name."""

    def _validate_session_key(self, key: str | None) -> bool:
        # A cookie may quote a NUL, which PostgreSQL would not even be asked about. Keys of
        # ours are letters and digits; whatever is not is the key of no session.
        is_key: bool = super()._validate_session_key(key)  # type: ignore[misc]
        return is_key and str(key).isascii() and str(key).isalnum()
