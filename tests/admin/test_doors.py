"""Who comes into the admin: the staff, by the site's own doors, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from chat.models import Room, User
from tests.admin.conftest import client_of


def every_path() -> Iterator[str]:
    """Each address of the admin, with 1 wherever it wants a number or a word."""
    yield from _paths(admin.site.urls[0], "/admin/")


def _paths(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for entry in patterns:
        route = str(entry.pattern)
        if route.startswith(("^", "(?P<url>")):
            continue
        for converter in ("<path:object_id>", "<int:user_id>", "<int:content_type_id>"):
            route = route.replace(converter, "1")
        route = route.replace("<path:object_id>", "1").replace("<app_label>", "chat")
        if isinstance(entry, URLResolver):
            yield from _paths(entry.url_patterns, before + route)
        else:
            yield before + route


PUBLIC = {"/admin/login/", "/admin/logout/"}
PATHS = sorted(set(every_path()) - PUBLIC)


def test_there_are_pages_to_guard() -> None:
    assert len(PATHS) > 30


@pytest.mark.parametrize("path", PATHS)
def test_nobody_who_is_not_signed_in_comes_in(client: Client, db: None, path: str) -> None:
    for answer in (client.get(path), client.post(path, {})):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("path", PATHS)
def test_the_outsider_is_led_to_a_refusal(as_eve: Client, lobby: Room, path: str) -> None:
    for answer in (as_eve.get(path, follow=True), as_eve.post(path, {}, follow=True)):
        assert answer.status_code == 403


def test_signing_in_is_the_sites_own_with_its_throttles(client: Client, db: None) -> None:
    User.objects.create_superuser("olga")
    answer = client.get("/admin/login/?next=/admin/chat/room/")
    assert answer["Location"] == "/accounts/login/?next=/admin/chat/room/"


def test_signing_in_does_not_lead_to_another_site(client: Client, db: None) -> None:
    answer = client.get("/admin/login/?next=https://evil.example/")
    assert answer["Location"] == "/accounts/login/?next=/admin/"


def test_posting_to_the_admins_own_sign_in_signs_nobody_in(client: Client, db: None) -> None:
    User.objects.create_superuser("olga", password="three blind mice")
    client.post("/admin/login/", {"username": "olga", "password": "three blind mice"})
    assert "_auth_user_id" not in client.session


def test_staff_that_is_signed_in_already_is_led_on(as_max: Client) -> None:
    assert as_max.get("/admin/login/?next=/admin/chat/room/")["Location"] == "/admin/chat/room/"


def test_signing_out_in_the_admin_is_the_sites_own(as_max: Client, max_: User) -> None:
    assert as_max.get("/admin/logout/").status_code == 200
    assert as_max.session["_auth_user_id"] == str(max_.pk)
    as_max.post("/admin/logout/")
    assert "_auth_user_id" not in as_max.session


@pytest.mark.parametrize("path", ["/admin/password_change/", "/admin/password_change/done/"])
def test_ones_own_password_is_changed_on_the_sites_own_page(as_max: Client, path: str) -> None:
    for answer in (as_max.get(path), as_max.post(path, {"new_password1": "three blind mice"})):
        assert answer["Location"] == reverse("account_change_password")


def test_a_person_who_is_staff_no_longer_is_out_at_once(as_max: Client, max_: User) -> None:
    User.objects.filter(pk=max_.pk).update(is_staff=False)
    assert as_max.get("/admin/", follow=True).status_code == 403


def test_a_person_who_is_switched_off_is_out_at_once(max_: User) -> None:
    client = client_of(max_)
    User.objects.filter(pk=max_.pk).update(is_active=False)
    assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_nothing_is_in_it_that_writes_by_itself() -> None:
    ours = {model.__name__ for model in admin.site._registry}
    assert ours == {
        *("User", "Room", "Membership", "Message", "Invitation", "AuditEntry"),
        *("Sanction", "AddressBan", "WordRule", "ReportCase", "HeldPost"),
    }
