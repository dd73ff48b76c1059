"""The second factor: whether a session was opened with one, and where staff is led without."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY as PERSON_KEY,
)
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS_KEY
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What is a factor by itself; recovery codes only stand in for one that is lost."""


def is_satisfied(holder: HttpRequest | SessionBase) -> bool:
    """Whether staff may act as staff in this session.

    They may where no second factor is required of staff, or where one was shown here. It
    reads the session alone: ending a factor ends the sessions that it opened.
    """
    return not settings.REQUIRE_STAFF_SECOND_FACTOR or was_shown(holder)


def was_shown(holder: HttpRequest | SessionBase) -> bool:
    """Whether whom the session belongs to has shown a second factor, or a passkey, in it."""
    session = _session_of(holder)
    person = session.get(SESSION_KEY)
    if person is None or session.get(PERSON_KEY) != person:
        return False
    return any(record.get("method") == "mfa" for record in session.get(RECORDS_KEY, ()))


def forget_gone(request: HttpRequest) -> None:
    """Let no factor count as shown that the person has no longer."""
    held = set(Authenticator.objects.filter(user_id=request.user.pk).values_list("pk", flat=True))
    request.session[RECORDS_KEY] = [
        record
        for record in request.session.get(RECORDS_KEY, ())
        if record.get("method") != "mfa" or record.get("id") in held
    ]


def is_missing(request: HttpRequest) -> bool:
    """Whether who asks is staff that has yet to show a second factor."""
    return bool(getattr(request.user, "is_staff", False)) and not is_satisfied(request)


def held_by(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Authenticator]:
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS)


def has_one(user: AbstractBaseUser | AnonymousUser) -> bool:
    return held_by(user).exists()


def lead_to_it(request: HttpRequest, wanted: str) -> HttpResponse:
    """Answer staff without it: where to show their second factor, or to set one up.

    Both pages say why one is asked for, and lead on to ``wanted``.
    """
    page = reverse("mfa_index")
    if has_one(request.user):
        page = get_adapter(request).get_reauthentication_methods(request.user)[0]["url"]
    return redirect(f"{page}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")


def _session_of(holder: HttpRequest | SessionBase) -> SessionBase:
    return holder.session if isinstance(holder, HttpRequest) else holder
