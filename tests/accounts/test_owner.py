"""The first run: a link in the terminal, used once, and a first room that explains itself."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client

from chat.actions.owner import claim_ownership, offer_owner_link
from chat.errors import ChatError
from chat.models import Membership, Message, Room, Store, User

FORM = {"display_name": "Olga", "email": "", "password": "nanoseconds of wire"}


@pytest.fixture
def link(db: None) -> str:
    path = offer_owner_link()
    assert path is not None
    return path


def test_only_a_hash_of_the_token_is_kept(link: str) -> None:
    token = link.split("/")[2]
    assert len(token) >= 32
    assert token not in str(Store.objects.values().get())


def test_before_there_is_an_owner_the_front_page_says_where_the_link_is(
    client: Client, link: str
) -> None:
    assert b"in the terminal" in client.get("/").content


def test_olga_becomes_the_owner_and_stands_in_the_first_room(client: Client, link: str) -> None:
    assert client.get(link).status_code == 200
    answer = client.post(link, FORM, follow=True)
    olga = User.objects.get()
    assert olga.is_superuser
    assert olga.is_staff
    assert client.session["_auth_user_id"] == str(olga.pk)
    room = Room.objects.get()
    assert answer.redirect_chain[-1][0] == f"/rooms/{room.pk}/"
    assert Membership.objects.get().role == "owner"
    welcome = Message.objects.get()
    assert welcome.author == olga
    assert "/admin/" in welcome.body


def test_the_link_works_once(client: Client, link: str) -> None:
    client.post(link, FORM)
    for method in ("get", "post"):
        answer = getattr(Client(), method)(link, {**FORM, "display_name": "Late"})
        assert answer.status_code == 404
        assert b"used already" in answer.content
    assert User.objects.count() == 1
    assert offer_owner_link() is None


def test_a_newer_link_makes_the_older_void(client: Client, link: str) -> None:
    assert offer_owner_link() != link
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("token", ["x", "x" * 5_000, "%00", "%F0%9F%98%80", "-"])
def test_a_guess_is_a_missing_page(client: Client, link: str, token: str) -> None:
    assert client.get(f"/owner/{token}/").status_code == 404


def test_no_token_matches_a_link_that_was_never_offered(client: Client, db: None) -> None:
    Store.objects.update(owner_link_hash="")
    assert client.get("/owner/x/").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"display_name": "admin"}, "display_name"),
        ({"display_name": ""}, "display_name"),
        ({"display_name": "😀"}, "display_name"),
        ({"password": "12345678"}, "password"),
        ({"password": ""}, "password"),
        ({"email": "no"}, "email"),
    ],
)
def test_a_refused_form_leaves_the_link_good(
    client: Client, link: str, change: dict[str, str], field: str
) -> None:
    answer = client.post(link, {**FORM, **change})
    assert answer.status_code == 200
    assert answer.context["form"].errors[field]
    assert client.post(link, FORM).status_code == 302


def test_without_csrf_nobody_becomes_the_owner(link: str) -> None:
    assert Client(enforce_csrf_checks=True).post(link, FORM).status_code == 403
    assert not User.objects.exists()


def test_a_member_does_not_hide_the_first_run(client: Client, bob: User) -> None:
    assert offer_owner_link() is not None
    assert b"in the terminal" in client.get("/").content


@pytest.mark.django_db(transaction=True)
def test_twenty_claim_at_once_and_one_owns() -> None:
    path = offer_owner_link()
    assert path is not None
    token = path.split("/")[2]
    gate = threading.Barrier(20)
    outcomes: list[str] = []

    def claim(number: int) -> None:
        gate.wait()
        try:
            claim_ownership(
                token=token, display_name=f"Olga number {number}", password="nanoseconds of wire"
            )
            outcomes.append("owner")
        except ChatError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted(["owner"] + ["bad_owner_link"] * 19)
    assert User.objects.filter(is_superuser=True).count() == 1
    assert Room.objects.count() == 1
