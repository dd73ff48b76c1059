"""Who makes a request, looked up at once."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from chat.accounts import second_factor
from chat.address import request_address
from chat.address_bans import check_address
from chat.barred import ban_of
from chat.errors import ChatError
from chat.models import User
from chat.views.errors import refusal, store_away


@cache
def _open_doors() -> frozenset[str]:
    # Signing in with its second step, too: until then nobody knows who is staff.
    names = ("account_login", "mfa_authenticate", "account_logout", "set_language")
    return frozenset(reverse(name) for name in names)


class SignedInMiddleware(AuthenticationMiddleware):
    """As Django's, but ``request.user`` is the person, not a promise of one.

    Every request needs them anyway, for their language; and each look at an attribute
    through the promise costs a microsecond, a hundred times a page.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        try:
            request.user = get_user(request)
            if isinstance(request.user, User):
                request.user.acts_as_staff = second_factor.is_satisfied(request)
            self._check_barred(request)
        except (OperationalError, InterfaceError) as error:
            # No view runs yet, so that nobody else would turn this into a sentence.
            request.user = AnonymousUser()
            return store_away(request, error)
        except ChatError as barred:
            return refusal(request, barred)
        return None

    def _check_barred(self, request: HttpRequest) -> None:
        """Refuse who is banned, and who comes from a banned address and is no staff.

        They may sign in and out: until then nobody knows who is staff. Raises
        ``BannedError, AddressBannedError``.
        """
        if request.path in _open_doors() or request.path.startswith(settings.STATIC_URL):
            return
        if isinstance(request.user, User):
            if request.user.is_staff:
                return
        elif (ban := ban_of(request.session)) is not None:
            raise ban.refusal
        check_address(request_address(request))
