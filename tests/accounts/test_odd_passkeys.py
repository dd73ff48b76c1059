"""Passkeys that are not quite right let nobody in; whatever else is sent is no fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from fido2.utils import websafe_encode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.accounts import passkeys
from chat.models import User
from tests.accounts.second_factors import SHOW, after_password, is_in, opened
from tests.accounts.soft_key import (
    ADD,
    LOGIN,
    ORIGIN,
    PRESENT,
    VERIFIED,
    Answer,
    Key,
    add,
    asked_to_sign_in,
    with_passkey,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def our_origin(settings: Any) -> None:
    settings.ORIGINS = [ORIGIN]


WRONG = [
    {"origin": "https://evil.example"},
    {"origin": "https://sub.testserver"},
    {"origin": "http://testserver"},
    {"rp_id": "evil.example"},
    {"flags": VERIFIED},
    {"flags": PRESENT},
    {"id": b"another"},
    {"secret": ec.generate_private_key(ec.SECP256R1())},
    {"handle": b"zzzzzzzzzzzz"},
    {"handle": b""},
    {"handle": b"\xff\xfe"},
    {"handle": b"-1"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: str(*wrong))
def test_a_passkey_that_is_not_quite_right_signs_nobody_in(bob: User, wrong: Answer) -> None:
    key = with_passkey(bob)
    for name, value in wrong.items():
        setattr(key, name, value)
    client = Client()
    form = {"credential": json.dumps(key.use(asked_to_sign_in(client)))}
    page = client.post(LOGIN, form, follow=True)
    assert "This passkey was not accepted" in page.content.decode()
    assert not is_in(client)


def test_a_stolen_key_without_its_pin_is_not_let_in_by_the_thiefs_own_password(
    ada: User, bob: User
) -> None:
    stolen, own = with_passkey(bob), with_passkey(ada)
    assert own.id == stolen.id
    stolen.flags = PRESENT
    thief = after_password(ada)
    options = thief.get(SHOW).context["js_data"]["request_options"]
    thief.post("/accounts/logout/")
    thief.post(LOGIN, {"credential": json.dumps(stolen.use(options))})
    assert not is_in(thief)


def test_mallory_and_the_passkey_of_another_stay_outside(
    ada: User, bob: User, mallory: User
) -> None:
    User.objects.filter(pk=mallory.pk).update(is_active=True)
    key = with_passkey(User.objects.get(pk=mallory.pk))
    User.objects.filter(pk=mallory.pk).update(is_active=False)
    client = Client()
    client.post(LOGIN, {"credential": json.dumps(key.use(asked_to_sign_in(client)))})
    assert not is_in(client)
    with_passkey(bob)
    hers = with_passkey(ada)
    window = after_password(bob)
    options = window.get(SHOW).context["js_data"]["request_options"]
    window.post(SHOW, {"credential": json.dumps(hers.use(options))})
    assert not is_in(window)


@pytest.mark.parametrize("wrong", WRONG[:4], ids=lambda wrong: str(*wrong))
def test_a_passkey_made_elsewhere_is_not_kept(bob: User, wrong: Answer) -> None:
    answer = add(opened(bob), Key(**wrong))
    assert "This passkey was not accepted" in answer.content.decode()
    assert not Authenticator.objects.exists()


ODD = [
    *("", "null", "5", '"x"', "[]", "{}", "{", "[" * 30_000, "x" * 40_000, "\0", '{"id": 1}'),
    '{"id": "a", "rawId": "a", "type": "public-key", "response": {}}',
]
EMPTY = ("clientDataJSON", "authenticatorData", "signature", "attestationObject")
ODD.append(
    json.dumps(
        {"id": "a", "rawId": "b", "type": "public-key", "response": dict.fromkeys(EMPTY, "e30")}
    )
)


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_what_is_no_passkey_is_no_fault(bob: User, odd: str) -> None:
    client, stranger = opened(bob), Client()
    client.get(ADD)
    asked_to_sign_in(stranger)
    assert client.post(ADD, {"credential": odd}).status_code == 200
    assert stranger.post(LOGIN, {"credential": odd}).status_code == 302
    assert not is_in(stranger)
    assert not Authenticator.objects.exists()


PIECE = st.binary(max_size=200).map(websafe_encode)
DEEP = websafe_encode(b"\x81" * 12_000)


@pytest.fixture
def asked(bob: User, rf: RequestFactory) -> Iterator[tuple[Key, Answer, Answer]]:
    """A key of bob's, and what it would answer to the two questions; the request is open."""
    request = rf.post(LOGIN, secure=True)
    request.session = SessionStore()
    with context.request_context(request):
        key = Key()
        made = key.make(auth.begin_registration(bob, passwordless=True))
        auth.WebAuthn.add(bob, "Phone", made)
        used = key.use(auth.begin_authentication(bob))
        yield key, made, used


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(["clientDataJSON", "attestationObject", "authenticatorData", "signature"]),
    piece=PIECE | st.sampled_from([DEEP, "A", "____", ""]),
    cut=st.integers(min_value=0, max_value=250),
)
def test_odd_bytes_within_a_passkey_are_no_fault(
    bob: User, asked: tuple[Key, Answer, Answer], name: str, piece: str, cut: int
) -> None:
    _, made, used = asked
    for answer in (made, used):
        whole = answer["response"].get(name)
        if whole is None:
            continue
        for broken in {piece, whole[:cut], piece + whole} - {whole}:
            odd = json.dumps({**answer, "response": {**answer["response"], name: broken}})
            judge = _made if answer is made else _used
            with pytest.raises(ValidationError):
                judge(bob, odd)


def _made(user: User, text: str) -> None:
    passkeys.complete_registration(passkeys.read(passkeys.Made, text))


def _used(user: User, text: str) -> None:
    told = passkeys.read(passkeys.Used, text)
    passkeys.complete_authentication(user, told, by_itself=False)


def test_unbroken_they_are_taken(bob: User, asked: tuple[Key, Answer, Answer]) -> None:
    _, _, used = asked
    told = passkeys.read(passkeys.Used, json.dumps(used))
    assert passkeys.complete_authentication(bob, told, by_itself=True).user == bob
