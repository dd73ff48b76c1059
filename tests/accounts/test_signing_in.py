"""Signing in and out: by name or address, with limits, revealing nothing."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from chat.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/login/"
WRONG = {"login": "ada", "password": "not this one"}
RIGHT = {"login": "ada", "password": PASSWORD}


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("login", ["ada", "ADA", " ada ", "ada@example.org", "Ada@Example.ORG"])
def test_ada_signs_in_by_name_or_address(client: Client, ada: User, login: str) -> None:
    client.post(SIGN_IN, {"login": login, "password": PASSWORD})
    assert signed_in(client)


def test_the_next_page_is_where_ada_wanted_to_go(client: Client, ada: User) -> None:
    answer = client.post(f"{SIGN_IN}?next=/rooms/", RIGHT)
    assert answer.headers["Location"] == "/rooms/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_nobody_is_sent_to_a_foreign_site(client: Client, ada: User, target: str) -> None:
    answer = client.post(SIGN_IN, {**RIGHT, "next": target})
    assert "evil" not in answer.headers["Location"]
    assert "javascript" not in answer.headers["Location"]


@pytest.mark.parametrize(
    "form",
    [{}, {"login": "ada"}, {"password": "x"}, {"login": "a\0b", "password": "x"}],
)
def test_a_bad_form_is_no_fault(client: Client, ada: User, form: dict[str, str]) -> None:
    assert client.post(SIGN_IN, form).status_code == 200
    assert not signed_in(client)


def test_a_wrong_password_and_a_wrong_name_read_the_same(client: Client, ada: User) -> None:
    texts = [
        str(client.post(SIGN_IN, form).context["form"].errors)
        for form in (WRONG, {"login": "nobody", "password": "x"}, {**WRONG, "login": ada.email})
    ]
    assert len(set(texts)) == 1
    assert "Name or password is wrong" in texts[0]


def test_mallory_is_told_that_the_account_is_off(client: Client, mallory: User) -> None:
    answer = client.post(SIGN_IN, {"login": "mallory", "password": PASSWORD}, follow=True)
    assert not signed_in(client)
    assert b"switched off" in answer.content


def test_five_failures_stand_and_the_sixth_try_waits(client: Client, ada: User) -> None:
    for _ in range(5):
        client.post(SIGN_IN, WRONG)
    answer = client.post(SIGN_IN, RIGHT)
    assert not signed_in(client)
    assert b"wait five minutes" in answer.content


def test_four_failures_and_then_the_right_one_gets_in(client: Client, ada: User) -> None:
    for _ in range(4):
        client.post(SIGN_IN, WRONG)
    client.post(SIGN_IN, RIGHT)
    assert signed_in(client)


def test_names_that_look_the_same_share_one_count(client: Client, ada: User) -> None:
    for login in ("ada", "ADA", "аda", "ａda", "Ada"):
        client.post(SIGN_IN, {**WRONG, "login": login})
    client.post(SIGN_IN, RIGHT)
    assert not signed_in(client)


def test_ada_is_not_locked_out_by_somebody_elsewhere(client: Client, ada: User) -> None:
    for _ in range(6):
        client.post(SIGN_IN, WRONG, REMOTE_ADDR="198.51.100.7")
    client.post(SIGN_IN, RIGHT, REMOTE_ADDR="203.0.113.9")
    assert signed_in(client)


def test_many_addresses_on_one_account_are_one_attacker(client: Client, ada: User) -> None:
    for number in range(50):
        client.post(SIGN_IN, WRONG, REMOTE_ADDR=f"198.51.100.{number}")
    client.post(SIGN_IN, RIGHT, REMOTE_ADDR="203.0.113.9")
    assert not signed_in(client)


def test_one_address_on_many_accounts_is_stopped(client: Client, ada: User) -> None:
    for number in range(20):
        client.post(SIGN_IN, {"login": f"name {number}x", "password": "guess"})
    client.post(SIGN_IN, RIGHT)
    assert not signed_in(client)


def test_a_spoofed_header_does_not_make_a_new_address(client: Client, ada: User) -> None:
    for number in range(5):
        client.post(SIGN_IN, WRONG, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    client.post(SIGN_IN, RIGHT, HTTP_X_FORWARDED_FOR="203.0.113.200")
    assert not signed_in(client)


def test_behind_a_proxy_only_its_own_entry_counts(client: Client, ada: User, settings) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(5):
        client.post(SIGN_IN, WRONG, HTTP_X_FORWARDED_FOR=f"6.6.6.{number}, 198.51.100.7")
    client.post(SIGN_IN, RIGHT, HTTP_X_FORWARDED_FOR="6.6.6.99, 198.51.100.7")
    assert not signed_in(client)
    client.post(SIGN_IN, RIGHT, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert signed_in(client)


def test_without_csrf_nobody_is_signed_in(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(SIGN_IN, RIGHT).status_code == 403
    assert not signed_in(client)


def test_a_get_signs_nobody_out(client: Client, bob: User) -> None:
    client.force_login(bob)
    assert client.get("/accounts/logout/").status_code == 200
    assert signed_in(client)


def test_signing_out_closes_the_sockets(client: Client, bob: User, told: list[int]) -> None:
    client.force_login(bob)
    client.post("/accounts/logout/")
    assert not signed_in(client)
    assert told == [bob.pk]


class TestForgotten:
    """Setting a new password by a letter: the same page for a known and an unknown address."""

    ASK = "/accounts/password/reset/"

    def test_known_and_unknown_look_the_same(self, client: Client, ada: User) -> None:
        known = client.post(self.ASK, {"email": ada.email}, follow=True)
        unknown = client.post(self.ASK, {"email": "nobody@example.org"}, follow=True)
        assert known.redirect_chain == unknown.redirect_chain
        assert [letter.to for letter in mail.outbox] == [[ada.email], ["nobody@example.org"]]
        assert "/password/reset/key/" not in mail.outbox[1].body

    def test_the_link_works_once_and_ends_every_session(
        self, client: Client, ada: User, told: list[int]
    ) -> None:
        elsewhere = Client()
        elsewhere.force_login(ada)
        client.post(self.ASK, {"email": ada.email})
        link = next(word for word in mail.outbox[0].body.split() if "/reset/key/" in word)
        form = client.get(link, follow=True)
        action = form.redirect_chain[-1][0]
        new = {"password1": "a new and longer one", "password2": "a new and longer one"}
        assert client.post(action, new).status_code == 302
        assert told == [ada.pk]
        assert elsewhere.get("/profile/").status_code == 302
        assert b"no longer works" in Client().get(link, follow=True).content
        client.post(SIGN_IN, {"login": "ada", "password": new["password1"]})
        assert signed_in(client)

    @pytest.mark.parametrize("key", ["1-abc", "zzzzzzzzzzzzzzzzzzzz-x", "1-" + "x" * 500])
    def test_a_made_up_link_is_refused(self, client: Client, ada: User, key: str) -> None:
        answer = client.get(f"/accounts/password/reset/key/{key}/", follow=True)
        assert b"no longer works" in answer.content

    def test_a_verified_address_of_another_is_not_mixed_up(
        self, client: Client, ada: User, bob: User
    ) -> None:
        EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
        User.objects.filter(pk=bob.pk).update(email=ada.email)
        client.post(self.ASK, {"email": ada.email})
        (letter,) = mail.outbox
        assert "account ada" in letter.body
