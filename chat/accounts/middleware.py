"""Who makes a request, looked up at once."""

from __future__ import annotations

from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from chat.views.errors import store_away


class SignedInMiddleware(AuthenticationMiddleware):
    """As Django's, but ``request.user`` is the person, not a promise of one.

    Every request needs them anyway, for their language; and each look at an attribute
    through the promise costs a microsecond, a hundred times a page.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        try:
            request.user = get_user(request)
        except (OperationalError, InterfaceError) as error:
            # No view runs yet, so that nobody else would turn this into a sentence.
            request.user = AnonymousUser()
            return store_away(request, error)
        return None
