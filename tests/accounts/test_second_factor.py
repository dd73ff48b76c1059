"""Second factors: set up, asked for once more, taken away; what ends with that, and who is told"""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from chat.accounts import codes, sealing
from chat.models import User
from tests.accounts.second_factors import (
    AGAIN,
    CODES,
    SET_UP,
    SHOW,
    SIGN_IN,
    SWITCH_OFF,
    Clock,
    after_password,
    is_in,
    opened,
    with_app,
)
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def test_bob_sets_an_app_up_and_is_asked_for_its_code(bob: User, clock: Clock) -> None:
    secret = with_app(opened(bob), clock)
    window = after_password(bob)
    assert not is_in(window)
    assert window.post(SHOW, {"code": clock.code(secret)}).status_code == 302
    assert is_in(window)


def test_who_has_none_signs_in_as_before(bob: User) -> None:
    client = Client()
    client.post(SIGN_IN, {"login": "bob", "password": PASSWORD})
    assert is_in(client)


def test_setting_up_asks_for_the_password_first(bob: User, clock: Clock) -> None:
    client = Client()
    client.force_login(bob)
    assert client.get(SET_UP)["Location"].startswith("/accounts/reauthenticate/")
    assert Client().get(SET_UP)["Location"].startswith(SIGN_IN)


@pytest.mark.parametrize("code", ["", "000000", "abc", "x" * 5000, "\0", "１２３", "-1", "٣٤٥٦٧٨"])
def test_a_wrong_first_code_sets_nothing_up(bob: User, clock: Clock, code: str) -> None:
    client = opened(bob)
    secret = client.get(SET_UP).context["form"].secret
    answer = client.post(SET_UP, {"code": code})
    assert answer.status_code == 200
    assert answer.context["form"].secret == secret
    assert not Authenticator.objects.exists()


def test_the_first_code_opens_nothing_else(bob: User, clock: Clock) -> None:
    client = opened(bob)
    secret = client.get(SET_UP).context["form"].secret
    client.post(SET_UP, {"code": clock.code(secret)})
    window = after_password(bob)
    window.post(SHOW, {"code": clock.code(secret)})
    assert not is_in(window)


def test_a_second_window_does_not_set_up_a_second_app(bob: User, clock: Clock) -> None:
    here, there = opened(bob), opened(bob)
    secret = with_app(here, clock)
    answer = there.post(SET_UP, {"code": clock.code(secret)})
    assert answer.status_code == 302
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_two_windows_at_the_same_moment_set_up_one_app(
    bob: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = opened(bob)
    secret = client.get(SET_UP).context["form"].secret
    seal = sealing.seal(secret)
    is_valid = codes.matching_counter

    def meanwhile(*args: Any, **kwargs: Any) -> int | None:
        Authenticator.objects.create(user=bob, type="totp", data={"secret": seal})
        return is_valid(*args, **kwargs)

    monkeypatch.setattr(codes, "matching_counter", meanwhile)
    answer = client.post(SET_UP, {"code": clock.code(secret)})
    assert answer["Location"] == "/accounts/2fa/"
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_the_picture_and_the_link_name_the_site_and_the_person(
    ada: User, clock: Clock, settings: Any
) -> None:
    settings.MFA_TOTP_ISSUER = "Harbour & Co"
    page = opened(ada).get(SET_UP)
    secret = page.context["form"].secret
    assert (
        page.context["totp_url"] == f"otpauth://totp/ada?secret={secret}&issuer=Harbour%20%26%20Co"
    )
    assert b'src="data:image/svg+xml;base64,' in page.content
    assert "no-store" in page.headers["Cache-Control"]


def test_the_password_alone_takes_no_factor_away(bob: User, clock: Clock) -> None:
    secret = with_app(opened(bob), clock)
    client = after_password(bob)
    client.post(SHOW, {"code": clock.code(secret)})
    clock.wait(600)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post(SWITCH_OFF)["Location"].startswith(AGAIN)
    assert Authenticator.objects.filter(type="totp").exists()
    client.post(AGAIN, {"code": clock.code(secret)})
    client.post(SWITCH_OFF)
    assert not Authenticator.objects.exists()


def test_the_first_factor_and_its_removal_end_the_sessions_elsewhere(
    bob: User, clock: Clock, told: list[int]
) -> None:
    here, before = opened(bob), opened(bob)
    secret = with_app(here, clock)
    assert (is_in(here), is_in(before)) == (True, False)
    after = after_password(bob)
    after.post(SHOW, {"code": clock.code(secret)})
    assert is_in(after)
    here.post(SWITCH_OFF)
    assert (is_in(here), is_in(after)) == (True, False)
    assert told == [bob.pk, bob.pk]


def test_what_changes_is_told_by_letter(ada: User, clock: Clock) -> None:
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    client = opened(ada)
    with_app(client, clock)
    client.post(f"{CODES}generate/")
    client.post(SWITCH_OFF)
    subjects = [letter.subject for letter in mail.outbox]
    assert subjects == [
        "An authenticator app was set up · Chat",
        "There are new recovery codes · Chat",
        "The authenticator app was switched off · Chat",
    ]
    for letter in mail.outbox:
        assert letter.to == [ada.email]
        assert "your account on Chat" in letter.body.lower().replace("chat", "Chat")
        assert "set a new password at once" in letter.body


PAGES = ["", "totp/activate/", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/"]
PAGES += ["webauthn/add/", "reauthenticate/"]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_an_inline_style_or_script(bob: User, clock: Clock, page: str) -> None:
    client = opened(bob)
    if page != "totp/activate/":
        with_app(client, clock)
    answer = client.get(f"/accounts/2fa/{page}")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", html)
    tags = re.findall("<script.*?>", html)
    assert all('type="application/json"' in tag or "src=" in tag for tag in tags)


@pytest.mark.parametrize("page", ["", "totp/activate/", "recovery-codes/", "webauthn/add/"])
def test_nobody_else_sees_them(client: Client, db: None, page: str) -> None:
    assert client.get(f"/accounts/2fa/{page}").status_code in {302, 404}


@pytest.mark.parametrize("number", ["1", "9" * 30])
@pytest.mark.parametrize("page", ["edit", "remove"])
def test_a_passkey_that_is_not_ones_own_is_missing(
    ada: User, bob: User, page: str, number: str
) -> None:
    hers = {"name": "Hers", "credential": {}}
    Authenticator.objects.create(pk=1, user=ada, type="webauthn", data=hers)
    client = opened(bob)
    address = f"/accounts/2fa/webauthn/keys/{number}/{page}/"
    assert client.get(address).status_code == 404
    assert client.post(address, {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get().data == hers
