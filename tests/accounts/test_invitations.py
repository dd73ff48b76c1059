"""Invitations: kept as a hash, with a term, redeemed once also by twenty at a time."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat.actions.accounts import register
from chat.actions.invitations import create_invitation
from chat.errors import BadInvitationError, ChatError, ForbiddenError, SignInError
from chat.models import Invitation, User


@pytest.fixture
def owner(ada: User) -> User:
    ada.is_staff = ada.is_superuser = True
    ada.save()
    return ada


@pytest.mark.django_db
def test_only_the_hash_is_kept(owner: User) -> None:
    invitation, token = create_invitation(actor=owner)
    row = Invitation.objects.values().get()
    assert token not in str(row)
    assert len(token) >= 32
    assert invitation.token_hash != token


@pytest.mark.django_db
def test_an_old_one_is_refused(owner: User, settings) -> None:
    settings.REGISTRATION = "invitation"
    invitation, token = create_invitation(actor=owner)
    invitation.expires_at = timezone.now() - timedelta(seconds=1)
    invitation.save()
    with pytest.raises(BadInvitationError):
        register(display_name="grace", password="nanoseconds of wire", invitation=token)


@pytest.mark.django_db
def test_only_staff_invites(bob: User, eve: User, mallory: User) -> None:
    for person in (bob, eve):
        with pytest.raises(ForbiddenError):
            create_invitation(actor=person)
    with pytest.raises(SignInError):
        create_invitation(actor=mallory)


@pytest.mark.django_db
def test_staff_makes_a_link_that_is_shown_once(owner: User, client: Client) -> None:
    client.force_login(owner)
    page = reverse("chat:invitations")
    made = client.post(page, {"note": "for grace", "uses": 3, "days": 2})
    assert b"invitation=" in made.content
    again = client.get(page)
    assert b"invitation=" not in again.content
    assert b"for grace" in again.content


@pytest.mark.django_db
@pytest.mark.parametrize("bad", [{"uses": 0}, {"uses": "many"}, {"days": 1_000}, {"days": -1}, {}])
def test_a_bad_form_makes_no_link(owner: User, client: Client, bad: dict[str, object]) -> None:
    client.force_login(owner)
    client.post(reverse("chat:invitations"), {"uses": 1, "days": 1, **bad} if bad else {})
    assert not Invitation.objects.exists()


@pytest.mark.django_db
def test_the_page_is_not_for_others(client: Client, bob: User) -> None:
    assert client.get(reverse("chat:invitations")).status_code == 302
    client.force_login(bob)
    assert client.get(reverse("chat:invitations")).status_code == 403
    assert client.post(reverse("chat:revoke_invitation", args=[1])).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_twenty_redeem_the_last_use_at_once_and_one_gets_in(owner: User, settings) -> None:
    settings.REGISTRATION = "invitation"
    invitation, token = create_invitation(actor=owner)
    gate = threading.Barrier(20)
    outcomes: list[str] = []

    def redeem(number: int) -> None:
        gate.wait()
        try:
            register(
                display_name=f"guest number {number}", password="three blind mice", invitation=token
            )
            outcomes.append("in")
        except ChatError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=redeem, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted(["in"] + ["bad_invitation"] * 19)
    assert User.objects.filter(display_name__startswith="guest number").count() == 1
    invitation.refresh_from_db()
    assert invitation.uses_left == 0
