"""Who opens a socket: the session cookie, looked up once in the database."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import parse_cookie
from django.utils.translation import get_language_from_request

from chat import payloads
from chat.grants import read_entries
from chat.models import User


@dataclass(frozen=True, slots=True)
class SocketSession:
    """A signed-in person's session, and what their first frame says."""

    user: User
    session_key: str
    person: dict[str, Any]
    entries: list[dict[str, Any]]

    @property
    def roles(self) -> dict[int, str]:
        """Role by room."""
        return {entry["facts"]["id"]: entry["role"] for entry in self.entries}


class Handshake:
    """The headers of a socket's opening request."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self._headers: list[tuple[bytes, bytes]] = scope["headers"]

    def _header(self, name: bytes) -> str:
        return b"; ".join(v for n, v in self._headers if n == name).decode("latin-1")

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies, as a request to a page has them, whatever stands between them."""
        return parse_cookie(self._header(b"cookie"))

    @property
    def session_key(self) -> str | None:
        """The key of the session that the cookies name."""
        return self.cookies.get(settings.SESSION_COOKIE_NAME)

    @property
    def language(self) -> str:
        """The language that the browser asks for."""
        request = SimpleNamespace(
            COOKIES=self.cookies, META={"HTTP_ACCEPT_LANGUAGE": self._header(b"accept-language")}
        )
        return get_language_from_request(request)  # type: ignore[arg-type]


def open_session(session_key: str | None) -> SocketSession | None:
    """Return the session's person and rooms; None for whoever is not signed in."""
    if session_key is None:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    # Django judges the session as it does for a request: signature, backend, active user.
    user = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    if not isinstance(user, User):
        return None
    return SocketSession(user, session_key, payloads.person_of(user), read_entries(user.pk))
