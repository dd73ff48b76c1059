"""The language, the time zone and the face that a request is answered in."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from chat.models import User

THEME_COOKIE = "theme"
THEMES = ("light", "dark")
TIME_ZONE_COOKIE = "time_zone"


class PreferencesMiddleware:
    """Answers in the person's language and time zone; else in the browser's.

    Runs after LocaleMiddleware, which has found the browser's language, and after
    AuthenticationMiddleware: the profile is part of the user that is read anyway.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        name = request.COOKIES.get(TIME_ZONE_COOKIE, "")
        if isinstance(user, User):
            if user.language:
                translation.activate(user.language)
                request.LANGUAGE_CODE = user.language
            name = user.time_zone or name
        with timezone.override(_zone(name)):
            return self.get_response(request)


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    """The zone of that name; None, which is the server's, for one that is unknown."""
    if not name:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        # A cookie may say anything, also the path of a folder of the database.
        return None


def theme_of(request: HttpRequest) -> str:
    """ "light" or "dark" where the person chose one; "" for the device's own."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else ""


def site(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: the name of the site, the theme, the languages."""
    return {
        "site_name": settings.SITE_NAME,
        "theme": theme_of(request),
        "languages": settings.LANGUAGES,
        "registration": settings.REGISTRATION,
    }
