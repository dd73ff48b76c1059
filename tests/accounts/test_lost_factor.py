"""A second factor that is lost is taken off by who looks after accounts, and by nobody else"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from chat.accounts import sealing
from chat.actions import second_factor
from chat.errors import ForbiddenError, NotFoundError, SignInError
from chat.models import AuditEntry, User
from tests.accounts.second_factors import (
    SIGN_IN,
    Clock,
    is_in,
    opened,
    with_app,
)
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told_by_reset(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr("chat.actions.second_factor.tell_person", ids.append)
    return ids


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_staff_takes_a_lost_factor_off(
    ada: User, anna: User, clock: Clock, told_by_reset: list[int]
) -> None:
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    User.objects.filter(pk=ada.pk).update(language="en")
    window = opened(ada)
    with_app(window, clock)
    mail.outbox.clear()
    second_factor.reset_second_factor(actor=anna, user_id=ada.pk, reason="Her phone is in the sea.")
    assert not Authenticator.objects.exists()
    assert not is_in(window)
    assert told_by_reset == [ada.pk]
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.target, entry.reason) == (
        "reset_second_factor",
        anna,
        ada,
        "Her phone is in the sea.",
    )
    until(lambda: bool(mail.outbox))
    (letter,) = mail.outbox
    assert letter.to == [ada.email]
    assert "Her phone is in the sea." in letter.body
    client = Client()
    client.post(SIGN_IN, {"login": "ada", "password": PASSWORD})
    assert is_in(client)


def test_where_there_is_none_nothing_is_written_down(bob: User, anna: User) -> None:
    second_factor.reset_second_factor(actor=anna, user_id=bob.pk)
    assert not AuditEntry.objects.exists()


def test_who_may_take_off_whose(
    olga: User, anna: User, max_: User, ada: User, bob: User, eve: User, mallory: User
) -> None:
    everybody = (olga, anna, max_, ada, bob, eve)
    for person in everybody:
        Authenticator.objects.create(user=person, type="totp", data={"secret": sealing.seal("A")})
    reset = second_factor.reset_second_factor
    refused = [(who, whom) for who in (max_, ada, bob, eve) for whom in everybody]
    refused += [(anna, olga), (anna, anna), (olga, olga)]
    for who, whom in refused:
        with pytest.raises(ForbiddenError):
            reset(actor=who, user_id=whom.pk)
    with pytest.raises(SignInError):
        reset(actor=mallory, user_id=bob.pk)
    with pytest.raises(NotFoundError):
        reset(actor=olga, user_id=10**9)
    assert Authenticator.objects.count() == 6
    for who, whom in ((olga, anna), (anna, max_), (anna, bob)):
        reset(actor=who, user_id=whom.pk)
    assert {factor.user for factor in Authenticator.objects.all()} == {olga, ada, eve}
