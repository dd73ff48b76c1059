"""Codes that people type: of an authenticator app, or from their list of recovery codes.

Each works once. That is kept with the factor itself, under its lock: a cache would forget,
and two requests at the same moment would both be let in.
"""

from __future__ import annotations

import unicodedata

from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from allauth.core.internal.ratelimit import RateLimitUsage
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)

from chat.database import writing
from chat.models import User

MAX_CODE_CHARS = 32
_LAST_COUNTER = "last_counter"


def redeem(user: User, code: str) -> Authenticator | None:
    """Use the code up, and return the factor that it belongs to; None for a wrong one."""
    with writing():
        held = Authenticator.objects.select_for_update().filter(user=user)
        for app in held.filter(type=Authenticator.Type.TOTP):
            if (counter := matching_counter(_secret_of(app), code, after=_last(app))) is not None:
                app.data = {**app.data, _LAST_COUNTER: counter}
                app.save(update_fields=["data"])
                return app
        for codes in held.filter(type=Authenticator.Type.RECOVERY_CODES):
            if codes.wrap().validate_code(folded(code)):
                return codes
    return None


def use_up(app: Authenticator, counter: int) -> None:
    """Let the code with which an app was set up open nothing else."""
    app.data = {**app.data, _LAST_COUNTER: counter}
    app.save(update_fields=["data"])


def matching_counter(secret: str, code: str, *, after: int = 0) -> int | None:
    """Return at which tick of its clock an app with this secret shows the code (RFC 6238).

    Only ticks around now count, and only those ``after`` the one that was used last.
    """
    for counter in yield_hotp_counters_from_time():
        shown = format_hotp_value(hotp_value(secret, counter))
        if counter > after and compare_user_code(actual=folded(code), expected=shown):
            return counter
    return None


def folded(code: str) -> str:
    """Digits as the site writes them: input methods make full-width ones."""
    return unicodedata.normalize("NFKC", code)


def attempt(user: User) -> RateLimitUsage:
    """Count one more code that may be wrong; whoever was right rolls it back.

    Raises ``ValidationError`` where there were too many.
    """
    usage = ratelimit.consume(
        context.request, app="allauth.mfa", action="code_failed", key=str(user.pk)
    )
    if usage is None:
        raise get_adapter().validation_error("too_many_codes")
    return usage


def _secret_of(app: Authenticator) -> str:
    secret: str = get_adapter().decrypt(app.data["secret"])
    return secret


def _last(app: Authenticator) -> int:
    return int(app.data.get(_LAST_COUNTER, 0))
