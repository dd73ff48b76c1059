"""What tests of second factors stand on: a clock, apps, and browsers half-way through a door."""

from __future__ import annotations

import re

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from chat.models import User
from tests.conftest import PASSWORD

SIGN_IN, SHOW = "/accounts/login/", "/accounts/2fa/authenticate/"
AGAIN, SET_UP = "/accounts/2fa/reauthenticate/", "/accounts/2fa/totp/activate/"
SWITCH_OFF, CODES = "/accounts/2fa/totp/deactivate/", "/accounts/2fa/recovery-codes/"
NOON = 1_800_000_000.0


class Clock:
    """The time of the server and of everybody's apps; it stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def code(self, secret: str, *, ticks: int = 0) -> str:
        """What an app with this secret shows, some half minutes from now."""
        return format_hotp_value(hotp_value(secret, int(self.now) // 30 + ticks))

    def wait(self, seconds: float) -> None:
        self.now += seconds


def opened(user: User) -> Client:
    """A browser in which somebody typed their password a moment ago."""
    client = Client()
    client.force_login(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def with_app(client: Client, clock: Clock) -> str:
    """Set an app up as a person does; return its secret."""
    page = client.get(SET_UP)
    secret = str(page.context["form"].secret)
    client.post(SET_UP, {"code": clock.code(secret)})
    clock.wait(30)
    return secret


def recovery_codes_of(client: Client) -> list[str]:
    page = client.get(CODES).content.decode()
    return re.findall(r"<code>(\d{4} \d{4})</code>", page)


def after_password(user: User) -> Client:
    """A browser that has signed in as far as the password goes."""
    client = Client()
    answer = client.post(SIGN_IN, {"login": user.display_name, "password": PASSWORD})
    assert answer["Location"] == SHOW
    return client


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200
