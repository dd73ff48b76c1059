"""Whoever comes from a banned address comes in by no door; whoever moderates can still sign in."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chat import address_bans, errors
from chat.actions import addresses
from chat.actions.addresses import ban_address, lift_address_ban, public_network, remember_address
from chat.address import UNKNOWN
from chat.address_bans import check_address, read_address_bans
from chat.models import AddressBan, SeenAddress, User
from chat.standing import store_now
from tests.conftest import PASSWORD, fresh
from tests.moderation.conftest import at_once, codes, entries

THEIRS = "93.184.216.34"
SIX = "2606:2800:220:1:248:1893:25c8:1946"


@pytest.mark.parametrize(
    ("text", "network"),
    [
        (THEIRS, f"{THEIRS}/32"),
        (f" {THEIRS} ", f"{THEIRS}/32"),
        ("93.184.216.34/24", "93.184.216.0/24"),
        (SIX, "2606:2800:220:1::/64"),
        ("2606:2800:220:1::/64", "2606:2800:220:1::/64"),
        ("2606:2800::/32", "2606:2800::/32"),
        ("93.184.0.0/16", "93.184.0.0/16"),
        (f"::ffff:{THEIRS}", f"{THEIRS}/32"),
    ],
)
def test_an_address_stands_for_its_network(text: str, network: str) -> None:
    assert public_network(text) == ipaddress.ip_network(network)


@pytest.mark.parametrize(
    "text",
    [
        "", "eve", "1.2.3", "93.184.216.34/33", UNKNOWN, "127.0.0.1", "10.0.0.1", "192.168.1.1",
        "172.16.0.0/16", "169.254.0.1", "100.64.0.1", "::1", "fe80::1", "fd00::1", "::",
        "::ffff:10.0.0.1", "224.0.0.1", "0.0.0.0/0", "93.0.0.0/8", "93.184.0.0/15", "::/0",
        "2606::/31", "255.255.255.255",
    ],
)  # fmt: skip
def test_what_is_private_too_wide_or_none_is_refused(text: str, max_: User) -> None:
    with pytest.raises(errors.BadAddressError):
        ban_address(actor=max_, network=text)
    assert not AddressBan.objects.exists()


@pytest.mark.parametrize(
    ("own", "network"), [(THEIRS, "93.184.216.0/24"), (SIX, "2606:2800:220:1::/64")]
)
def test_nobody_bans_where_they_sit(own: str, network: str, max_: User) -> None:
    with pytest.raises(errors.BadAddressError):
        ban_address(actor=max_, network=network, own_address=own)
    for elsewhere in ("8.8.8.8", "", "unknown"):
        ban_address(actor=max_, network=network, own_address=elsewhere)


def test_only_who_moderates_the_site_bans_and_lifts(ada: User, max_: User) -> None:
    with pytest.raises(errors.ForbiddenError):
        ban_address(actor=ada, network=THEIRS)
    ban = ban_address(actor=max_, network=THEIRS, reason="Spam", note="Again")
    with pytest.raises(errors.ForbiddenError):
        lift_address_ban(actor=ada, ban_id=ban.pk)
    lift_address_ban(actor=max_, ban_id=ban.pk, reason="Sold")
    with pytest.raises(errors.DecidedError):
        lift_address_ban(actor=max_, ban_id=ban.pk)
    with pytest.raises(errors.NotFoundError):
        lift_address_ban(actor=max_, ban_id=404)
    assert [(e.verb, e.actor, e.reason, e.details) for e in entries()] == [
        ("ban_address", max_, "Spam", f"{THEIRS}/32"),
        ("lift_address", max_, "Sold", f"{THEIRS}/32"),
    ]


def test_a_new_ban_takes_the_place_of_the_one_before_and_ends_by_itself(max_: User) -> None:
    first = ban_address(actor=max_, network=THEIRS)
    second = ban_address(actor=max_, network=THEIRS, term=timedelta(hours=1))
    assert fresh(first).lifted_by == max_
    assert read_address_bans().has(THEIRS)
    AddressBan.log.filter(pk=second.pk).update(expires_at=store_now() - timedelta(seconds=2))
    assert not read_address_bans().has(THEIRS)
    ban_address(actor=max_, network=THEIRS)
    assert fresh(second).lifted_by is None
    for term in (timedelta(0), timedelta.max):
        with pytest.raises(errors.BadFieldError):
            ban_address(actor=max_, network=THEIRS, term=term)


@pytest.mark.django_db(transaction=True)
def test_two_who_ban_it_at_once_leave_one_ban(max_: User, olga: User) -> None:
    bans = [lambda actor=actor: ban_address(actor=actor, network=THEIRS) for actor in (max_, olga)]
    assert codes(at_once(*bans, *bans)) == ["done"] * 4
    assert AddressBan.objects.filter(lifted_at=None).count() == 1


@pytest.mark.parametrize(
    ("network", "banned", "free"),
    [
        (THEIRS, [THEIRS], ["93.184.216.35", "", "eve", SIX]),
        ("93.184.216.0/24", [THEIRS, "93.184.216.255"], ["93.184.217.1"]),
        (SIX, [SIX, "2606:2800:220:1::", "2606:2800:220:1::9"], ["2606:2800:220:2::1", THEIRS]),
    ],
)
def test_exactly_those_of_the_network_are_kept_out(
    network: str, banned: list[str], free: list[str], max_: User
) -> None:
    ban_address(actor=max_, network=network)
    bans = read_address_bans()
    assert [bans.has(address) for address in banned + free] == [True] * len(banned) + [False] * len(
        free
    )


def test_what_was_read_is_believed_for_a_few_seconds(
    max_: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    read_address_bans()
    ban_address(actor=max_, network=THEIRS)
    with django_assert_num_queries(0):
        check_address(THEIRS)
    monkeypatch.setattr(address_bans, "FRESH_FOR_S", 0.0)
    with pytest.raises(errors.AddressBannedError):
        check_address(THEIRS)


# --- By HTTP ----------------------------------------------------------------------------------


def at(address: str, user: User | None = None) -> Client:
    client = Client(REMOTE_ADDR=address)
    if user is not None:
        client.force_login(user)
    return client


def test_no_page_is_shown_there_but_that_to_sign_in(bob: User, max_: User) -> None:
    ban_address(actor=max_, network=THEIRS)
    read_address_bans()
    for client in (at(THEIRS), at(THEIRS, bob)):
        for path in ("/", reverse("chat:rooms"), reverse("account_signup")):
            assert client.get(path).status_code == 403, path
    assert at(THEIRS).get(reverse("account_login")).status_code == 200
    assert at("8.8.8.8", bob).get(reverse("chat:rooms")).status_code == 200


def test_whoever_moderates_signs_in_and_works_from_there(max_: User) -> None:
    ban_address(actor=max_, network=THEIRS)
    read_address_bans()
    client = at(THEIRS)
    form = {"login": "max", "password": PASSWORD}
    assert client.post(reverse("account_login"), form).status_code == 302
    assert client.get(reverse("chat:rooms")).status_code == 200


def test_the_second_step_of_signing_in_is_open_too(max_: User) -> None:
    """Until it is taken nobody knows that they are staff."""
    ban_address(actor=max_, network=THEIRS)
    read_address_bans()
    # Nobody is in the middle of signing in here, so that it leads back to the beginning.
    answer = at(THEIRS).get(reverse("mfa_authenticate"))
    assert answer.status_code == 302


def test_a_spoofed_header_changes_nothing(bob: User, max_: User) -> None:
    ban_address(actor=max_, network=THEIRS)
    read_address_bans()
    client = at(THEIRS, bob)
    answer = client.get(reverse("chat:rooms"), HTTP_X_FORWARDED_FOR="8.8.8.8")
    assert answer.status_code == 403
    answer = at("8.8.8.8", bob).get(reverse("chat:rooms"), HTTP_X_FORWARDED_FOR=THEIRS)
    assert answer.status_code == 200


# --- Where people came from ---------------------------------------------------------------------


def test_where_somebody_came_from_is_remembered_once(bob: User, settings: Any) -> None:
    settings.ADDRESS_DAYS = 30
    assert not addresses.is_remembered(bob.pk, THEIRS)
    for _ in range(2):
        remember_address(actor=bob, address=THEIRS)
    assert addresses.is_remembered(bob.pk, THEIRS)
    assert list(SeenAddress.objects.values_list("user", "address")) == [(bob.pk, THEIRS)]
    settings.ADDRESS_DAYS = 0
    assert addresses.is_remembered(bob.pk, "8.8.8.8")
