"""Passkeys: made, named, used beside a password or alone, and taken away."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from chat.accounts import passkeys
from chat.models import User
from tests.accounts.second_factors import SHOW, SIGN_IN, after_password, is_in, opened
from tests.accounts.soft_key import (
    ADD,
    AGAIN,
    LOGIN,
    ORIGIN,
    OVERVIEW,
    PRESENT,
    Key,
    add,
    asked_to_sign_in,
    with_passkey,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def our_origin(settings: Any) -> None:
    settings.ORIGINS = [ORIGIN]


def test_bob_adds_a_passkey_and_signs_in_with_it_alone(bob: User) -> None:
    key = with_passkey(bob)
    client = Client()
    answer = client.post(LOGIN, {"credential": json.dumps(key.use(asked_to_sign_in(client)))})
    assert answer.status_code == 302
    assert is_in(client)
    assert client.session["_auth_user_id"] == str(bob.pk)


def test_it_leads_where_one_wanted_to_go_and_nowhere_foreign(bob: User) -> None:
    key = with_passkey(bob)
    for wanted, led in (("/rooms/", "/rooms/"), ("https://evil.example/", "/")):
        client = Client()
        credential = json.dumps(key.use(asked_to_sign_in(client)))
        answer = client.post(LOGIN, {"credential": credential, "next": wanted})
        assert answer["Location"] == led


def test_a_passkey_is_a_second_factor_too(bob: User) -> None:
    key = with_passkey(bob, alone=False)
    client = after_password(bob)
    assert not is_in(client)
    options = client.get(SHOW).context["js_data"]["request_options"]
    assert client.post(SHOW, {"credential": json.dumps(key.use(options))}).status_code == 302
    assert is_in(client)


def test_without_it_a_recovery_code_lets_in(bob: User) -> None:
    with_passkey(bob)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()
    client = after_password(bob)
    assert "Recovery code" in client.get(SHOW).content.decode()
    client.post(SHOW, {"code": codes[0]})
    assert is_in(client)


def test_staff_passes_the_gate_with_a_passkey(bob: User, settings: Any) -> None:
    settings.REQUIRE_STAFF_SECOND_FACTOR = True
    User.objects.filter(pk=bob.pk).update(is_staff=True, is_superuser=True)
    key = with_passkey(User.objects.get(pk=bob.pk))
    client = Client()
    client.force_login(User.objects.get(pk=bob.pk))
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(AGAIN)
    options = client.get(AGAIN).context["js_data"]["request_options"]
    form = {"credential": json.dumps(key.use(options)), "next": "/admin/"}
    assert client.post(AGAIN, form)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    alone = Client()
    alone.post(LOGIN, {"credential": json.dumps(key.use(asked_to_sign_in(alone)))})
    assert alone.get("/admin/").status_code == 200


def test_an_answer_opens_one_door_once(bob: User) -> None:
    key = with_passkey(bob)
    client = Client()
    credential = json.dumps(key.use(asked_to_sign_in(client)))
    client.post(LOGIN, {"credential": credential})
    client.post("/accounts/logout/")
    client.post(LOGIN, {"credential": credential})
    assert not is_in(client)
    other = Client()
    asked_to_sign_in(other)
    other.post(LOGIN, {"credential": credential})
    assert not is_in(other)


def test_one_that_lets_in_alone_has_to_know_its_owner(bob: User) -> None:
    client = opened(bob)
    assert add(client, Key(flags=PRESENT)).status_code == 200
    assert add(client, Key(flags=PRESENT), alone=False).status_code == 302


def test_only_what_is_used_of_it_is_kept(bob: User) -> None:
    client = opened(bob)
    options = client.get(ADD).context["js_data"]["creation_options"]
    credential = Key().make(options)
    credential["more"] = credential["response"]["more"] = "\0" * 9
    credential["clientExtensionResults"] = {"credProps": {"rk": True, "x": "\0"}, "y": "\0"}
    client.post(ADD, {"credential": json.dumps(credential), "alone": "on", "name": ""})
    kept = Authenticator.objects.get(type="webauthn")
    assert kept.data["name"] == "Passkey 1"
    assert kept.wrap().is_passwordless
    assert "\\u0000" not in json.dumps(kept.data)


def test_names_are_short_and_visible(bob: User) -> None:
    client = opened(bob)
    assert add(client, Key(), name="x" * 41).status_code == 200
    add(client, Key(), name="My \u202ephone\u200b")
    assert Authenticator.objects.get(type="webauthn").wrap().name == "My phone"


def test_there_is_an_end_to_them(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "MAX_PASSKEYS", 2)
    client = opened(bob)
    for number in range(3):
        answer = add(client, Key(id=b"number %d" % number))
    assert "as many passkeys as there may be" in answer.content.decode()
    assert Authenticator.objects.filter(type="webauthn").count() == 2


def test_bob_renames_one_and_takes_one_away(bob: User) -> None:
    client = opened(bob)
    for number in range(2):
        add(client, Key(id=b"number %d" % number))
    first, second = Authenticator.objects.filter(type="webauthn").order_by("pk")
    keys = f"{OVERVIEW}webauthn/keys"
    assert client.post(f"{keys}/{first.pk}/edit/", {"name": "Laptop"})["Location"] == OVERVIEW
    assert "Laptop" in client.get(OVERVIEW).content.decode()
    elsewhere = Client()
    elsewhere.force_login(User.objects.get(pk=bob.pk))
    assert client.post(f"{keys}/{second.pk}/remove/")["Location"] == OVERVIEW
    assert (is_in(client), is_in(elsewhere)) == (True, False)
    assert list(Authenticator.objects.filter(type="webauthn")) == [first]


def test_asking_in_vain_is_throttled(bob: User) -> None:
    client = Client()
    answers = [client.post(LOGIN, {"credential": "{}"}).status_code for _ in range(31)]
    assert answers[:30] == [302] * 30
    assert answers[30] == 429


def test_a_get_without_a_script_leads_to_the_sign_in_page(client: Client, db: None) -> None:
    assert client.get(LOGIN)["Location"] == SIGN_IN
