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
from chat.accounts import second_factor
from chat.barred import ban_of
from chat.grants import read_entries, read_grants
from chat.models import User
from chat.outcomes import read_outcomes
from chat.ranks import moderates_site


@dataclass(frozen=True, slots=True)
class SocketSession:
    """A signed-in person's session, and what their first frame says."""

    user: User
    session_key: str
    person: dict[str, Any]
    entries: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    mutes: dict[int, int]
    """The sanction that mutes the person, by room."""
    last_kick: int
    moderates: bool = False
    """Whether they moderate the whole site."""

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


def open_session(session_key: str | None, language: str = "") -> SocketSession | None:
    """Return the session's person and rooms; None for whoever is not signed in.

    ``language`` is what their browser asks for, where they have chosen none themselves.
    Raises ``BannedError``.
    """
    if session_key is None:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    # Django judges the session as it does for a request: signature, backend, active user.
    user = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    if not isinstance(user, User):
        if (ban := ban_of(session)) is not None:
            raise ban.refusal
        return None
    user.acts_as_staff = second_factor.is_satisfied(session)
    entries = read_entries(user.pk)
    grant = read_grants([user.pk]).get(user.pk)
    if grant is None:
        return None
    return SocketSession(
        user,
        session_key,
        payloads.person_of(user),
        entries,
        read_outcomes(user.pk, user.language or language),
        mutes={pk: mute.pk for pk in grant.roles if (mute := grant.muted(pk)) is not None},
        last_kick=max((kick.pk for kick in grant.standings.kicks), default=0),
        moderates=moderates_site(user),
    )
