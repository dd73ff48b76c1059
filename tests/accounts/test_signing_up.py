"""Signing up: open, by invitation, closed; bad forms; names that are taken."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from chat.actions.accounts import register
from chat.actions.invitations import create_invitation, revoke_invitation
from chat.errors import NameTakenError, RegistrationClosedError
from chat.models import User

pytestmark = pytest.mark.django_db
FORM = {"username": "Grace Hopper", "email": "", "password1": "nanoseconds of wire"}


@pytest.fixture
def page() -> str:
    return reverse("account_signup")


def test_somebody_signs_up_and_is_in(client: Client, page: str) -> None:
    answer = client.post(page, FORM)
    assert answer.status_code == 302
    grace = User.objects.get()
    assert (grace.display_name, grace.is_staff, grace.is_superuser) == (
        "Grace Hopper",
        False,
        False,
    )
    assert client.session["_auth_user_id"] == str(grace.pk)
    assert grace.password.startswith(("md5$", "argon2"))


def test_an_address_is_asked_to_be_confirmed_and_nothing_waits_for_it(
    client: Client, page: str
) -> None:
    client.post(page, {**FORM, "email": "Grace@Example.org"})
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == ("grace@example.org", False, True)
    assert "/accounts/confirm-email/" in mail.outbox[0].body
    assert client.get(reverse("chat:profile")).status_code == 200


BAD_FORMS = {
    "nothing": ({}, "username"),
    "no name": ({"username": ""}, "username"),
    "a name in emoji": ({"username": "🦄🦄"}, "username"),
    "a reserved name": ({"username": "Moderator"}, "username"),
    "a long name": ({"username": "x" * 41}, "username"),
    "a name turned around": ({"username": "a\u202eb"}, "username"),
    "no password": ({"password1": ""}, "password1"),
    "a short password": ({"password1": "abc"}, "password1"),
    "digits": ({"password1": "8274659103"}, "password1"),
    "a common password": ({"password1": "password123"}, "password1"),
    "the name as the password": ({"password1": "Grace Hopper"}, "password1"),
    "half an address": ({"email": "grace@"}, "email"),
    "a NUL": ({"username": "a\0b"}, "username"),
}


@pytest.mark.parametrize(("change", "field"), BAD_FORMS.values(), ids=BAD_FORMS)
def test_a_bad_form_says_what_is_wrong(
    client: Client, page: str, change: dict[str, str], field: str
) -> None:
    answer = client.post(page, {**FORM, **change} if change else {})
    assert answer.status_code == 200
    assert answer.context["form"].errors[field]
    assert not User.objects.exists()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("name", ["ada", "ADA", "аdа", "ａｄａ", " ada "])
def test_a_name_that_looks_like_adas_is_refused_without_saying_whose(
    client: Client, page: str, ada: User, name: str
) -> None:
    answer = client.post(page, {**FORM, "username": name})
    (sentence,) = answer.context["form"].errors["username"]
    assert sentence == str(NameTakenError.sentence)
    assert User.objects.count() == 1


def test_who_is_a_moment_later_is_told_so_on_the_form(
    client: Client, page: str, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The check finds the name free, and then somebody else has it: only the store knows.
    monkeypatch.setattr("chat.accounts.adapter.check_name_free", lambda name: None)
    answer = client.post(page, {**FORM, "username": "Ada"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["username"]
    assert User.objects.count() == 1


def test_an_address_that_is_taken_looks_like_one_that_is_free(
    client: Client, page: str, ada: User
) -> None:
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    taken = client.post(page, {**FORM, "email": ada.email})
    client.logout()
    free = client.post(page, {**FORM, "username": "Bell", "email": "bell@example.org"})
    assert (taken.status_code, taken.headers["Location"]) == (
        free.status_code,
        free.headers["Location"],
    )
    # And whoever took it cannot act on it: the address is still ada's alone.
    assert EmailAddress.objects.get(email=ada.email, verified=True).user == ada


def test_without_csrf_nothing_happens(page: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(page, FORM)
    assert answer.status_code == 403
    assert b"Nothing was changed" in answer.content
    assert not User.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_a_wrong_method_is_no_fault_and_changes_nothing(
    client: Client, page: str, method: str
) -> None:
    assert getattr(client, method)(page).status_code < 500
    assert not User.objects.exists()


class TestClosed:
    """REGISTRATION=closed: nobody gets in, and is told so in a sentence."""

    @pytest.fixture(autouse=True)
    def closed(self, settings) -> None:
        settings.REGISTRATION = "closed"

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_the_page_says_so(self, client: Client, page: str, method: str) -> None:
        answer = getattr(client, method)(page, FORM if method == "post" else {})
        assert answer.status_code == 403
        assert b"not taking new accounts" in answer.content
        assert not User.objects.exists()

    def test_the_action_refuses_too(self) -> None:
        with pytest.raises(RegistrationClosedError):
            register(display_name="grace", password="nanoseconds of wire")

    def test_the_sign_in_page_offers_no_new_account(self, client: Client, page: str) -> None:
        assert page.encode() not in client.get(reverse("account_login")).content


class TestByInvitation:
    """REGISTRATION=invitation: a link lets in as many as it says."""

    @pytest.fixture(autouse=True)
    def invited(self, settings, ada: User) -> None:
        settings.REGISTRATION = "invitation"
        ada.is_staff = ada.is_superuser = True
        ada.save()

    def test_without_a_link_nobody_gets_in(self, client: Client, page: str) -> None:
        answer = client.post(page, FORM)
        assert answer.status_code == 403
        assert User.objects.count() == 1

    def test_a_link_lets_one_person_in_and_then_no_more(
        self, client: Client, page: str, ada
    ) -> None:
        _invitation, token = create_invitation(actor=ada)
        link = f"{page}?invitation={token}"
        assert client.get(link).status_code == 200
        assert client.post(link, FORM).status_code == 302
        late = Client().post(link, {**FORM, "username": "Late"})
        assert late.status_code == 403
        assert b"used up" in late.content
        assert User.objects.count() == 2

    def test_a_refused_form_spends_no_use(self, client: Client, page: str, ada: User) -> None:
        invitation, token = create_invitation(actor=ada)
        client.post(f"{page}?invitation={token}", {**FORM, "username": "ada"})
        invitation.refresh_from_db()
        assert invitation.uses_left == 1

    @pytest.mark.parametrize("token", ["", "guess", "\0", "x" * 10_000, "ä😀"])
    def test_a_wrong_token_is_refused(self, client: Client, page: str, token: str) -> None:
        assert client.get(page, {"invitation": token}).status_code == 403

    def test_a_revoked_one_is_over(self, client: Client, page: str, ada: User) -> None:
        invitation, token = create_invitation(actor=ada)
        revoke_invitation(actor=ada, invitation_id=invitation.pk)
        assert client.get(page, {"invitation": token}).status_code == 403
