"""The language, the time zone and the face that a request is answered in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class PreferencesMiddleware:
    """Draft: answers a signed-in person in their own language and time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


def site(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: the name of the site."""
    return {"site_name": settings.SITE_NAME}
