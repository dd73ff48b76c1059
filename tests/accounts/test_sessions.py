"""Sessions end: by a new password, by signing out everywhere, by the staff."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from chat.actions import accounts, site_roles
from chat.errors import ForbiddenError, NotFoundError, SignInError
from chat.models import AuditEntry, User
from tests.conftest import PASSWORD, make_moderator, moderates_the_site

pytestmark = pytest.mark.django_db
PROFILE = "/profile/"


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_superuser("olga", password=PASSWORD)


@pytest.fixture
def staff(db: None) -> User:
    return make_moderator("stan")


def opened(user: User) -> Client:
    client = Client()
    client.force_login(user)
    assert client.get(PROFILE).status_code == 200
    return client


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(
    bob: User, told: list[int]
) -> None:
    here, elsewhere = opened(bob), opened(bob)
    new = "a new and longer one"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", form).status_code == 302
    assert here.get(PROFILE).status_code == 200
    assert elsewhere.get(PROFILE).status_code == 302
    assert told == [bob.pk]


@pytest.mark.parametrize(
    "change",
    [{"oldpassword": "wrong"}, {"password1": "short", "password2": "short"}, {"password2": "x"}],
)
def test_a_bad_new_password_changes_nothing(bob: User, change: dict[str, str]) -> None:
    client = opened(bob)
    form = {"oldpassword": PASSWORD, "password1": "a longer one 1", "password2": "a longer one 1"}
    assert client.post("/accounts/password/change/", {**form, **change}).status_code == 200
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


def test_bob_signs_out_everywhere(bob: User, told: list[int]) -> None:
    here, elsewhere = opened(bob), opened(bob)
    here.post(reverse("chat:sign_out_everywhere"))
    assert here.get(PROFILE).status_code == 302
    assert elsewhere.get(PROFILE).status_code == 302
    assert told == [bob.pk]
    assert not AuditEntry.objects.exists()


def test_a_get_signs_nobody_out_everywhere(bob: User) -> None:
    client = opened(bob)
    assert client.get(reverse("chat:sign_out_everywhere")).status_code == 405
    assert client.get(PROFILE).status_code == 200


def test_staff_signs_bob_out_and_it_is_written_down(
    staff: User, bob: User, told: list[int]
) -> None:
    elsewhere = opened(bob)
    accounts.end_sessions(actor=staff, user=bob, reason="lost laptop")
    assert elsewhere.get(PROFILE).status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.target, entry.reason) == (
        "end_sessions",
        staff,
        bob,
        "lost laptop",
    )
    assert told == [bob.pk]


def test_an_account_that_is_switched_off_is_out_at_once(
    staff: User, bob: User, told: list[int]
) -> None:
    elsewhere = opened(bob)
    accounts.set_active(actor=staff, user_id=bob.pk, active=False, reason="spam")
    assert elsewhere.get(PROFILE).status_code == 302
    assert told == [bob.pk]
    accounts.set_active(actor=staff, user_id=bob.pk, active=True)
    bob.refresh_from_db()
    assert bob.is_active
    assert list(AuditEntry.objects.values_list("verb", flat=True)) == ["activate", "deactivate"]


def test_what_is_so_already_is_not_written_down_again(staff: User, bob: User) -> None:
    accounts.set_active(actor=staff, user_id=bob.pk, active=True)
    assert not AuditEntry.objects.exists()


def test_who_may_manage_whom(owner: User, staff: User, ada: User, bob: User, eve: User) -> None:
    for outsider in (ada, bob, eve):
        with pytest.raises(ForbiddenError):
            accounts.end_sessions(actor=outsider, user=owner)
        with pytest.raises(ForbiddenError):
            accounts.set_active(actor=outsider, user_id=staff.pk, active=False)
        with pytest.raises(ForbiddenError):
            site_roles.set_site_role(actor=outsider, user_id=outsider.pk, site_role="moderator")
    with pytest.raises(ForbiddenError):
        accounts.set_active(actor=staff, user_id=owner.pk, active=False)
    with pytest.raises(ForbiddenError):
        site_roles.set_site_role(actor=staff, user_id=bob.pk, site_role="moderator")
    with pytest.raises(ForbiddenError):
        accounts.set_active(actor=owner, user_id=owner.pk, active=False)
    with pytest.raises(NotFoundError):
        accounts.set_active(actor=owner, user_id=10**9, active=False)
    site_roles.set_site_role(actor=owner, user_id=bob.pk, site_role="moderator")
    bob.refresh_from_db()
    assert bob.is_staff
    assert not bob.is_superuser


def test_mallory_manages_nobody(mallory: User, bob: User) -> None:
    moderates_the_site(mallory)
    mallory.refresh_from_db()
    with pytest.raises(SignInError):
        accounts.end_sessions(actor=mallory, user=bob)
