"""Secrets of second factors lie sealed in the database, and keys can be rotated"""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session

from chat.actions import second_factor
from chat.models import User
from tests.accounts.second_factors import (
    SET_UP,
    SHOW,
    Clock,
    after_password,
    is_in,
    opened,
    recovery_codes_of,
    with_app,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_secret_lies_open_in_the_database(bob: User, clock: Clock) -> None:
    client = opened(bob)
    secret = client.get(SET_UP).context["form"].secret
    in_sessions = json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert secret not in in_sessions
    assert "mfa.totp.secret" in in_sessions
    client.post(SET_UP, {"code": clock.code(secret)})
    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    for code in recovery_codes_of(client):
        assert code.replace(" ", "") not in kept
    in_sessions = json.dumps([session.get_decoded() for session in Session.objects.all()])
    assert "mfa.totp.secret" not in in_sessions


NEW_KEY = "an-entirely-new-key-" + "0123456789abcdefghijklmnopqrstuvwxyz"


def test_keys_can_be_rotated(bob: User, clock: Clock, settings: Any) -> None:
    client = opened(bob)
    secret, kept = with_app(client, clock), recovery_codes_of(client)
    former = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [former]
    window = after_password(bob)
    window.post(SHOW, {"code": clock.code(secret)})
    assert is_in(window)
    assert second_factor.renew_seals() == 2
    assert second_factor.renew_seals() == 0
    settings.SECRET_KEY_FALLBACKS = []
    clock.wait(30)
    for code in (clock.code(secret), kept[3]):
        window = after_password(bob)
        window.post(SHOW, {"code": code})
        assert is_in(window)


def test_under_another_key_it_is_refused_with_a_sentence(
    bob: User, clock: Clock, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    secret = with_app(opened(bob), clock)
    settings.SECRET_KEY = NEW_KEY
    window = after_password(bob)
    answer = window.post(SHOW, {"code": clock.code(secret)})
    assert answer.status_code == 403
    assert "cannot be read any more" in answer.content.decode()
    assert not is_in(window)
    assert "SECRET_KEY" in caplog.text
    assert second_factor.renew_seals() == 0
