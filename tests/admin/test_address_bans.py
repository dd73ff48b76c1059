"""Address bans in the admin: set, lifted, and refused where everybody would be out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actions import addresses
from chat.models import AddressBan, Room, User
from chat.models.guarded import UnguardedWriteError
from tests.admin.conftest import audited, client_of, said, tick
from tests.conftest import fresh

LIST = "/admin/chat/addressban/"
ADD = f"{LIST}add/"
OWN = "8.8.8.8"


def form(network: str = "1.1.1.7", **changes: Any) -> dict[str, Any]:
    """What a browser sends from the page that adds one."""
    filled = {"network": network, "term": "1440", "until": "", "reason": "", "note": ""}
    return filled | changes


@pytest.fixture
def ban(olga: User) -> AddressBan:
    return addresses.ban_address(actor=olga, network="1.1.1.7")


def test_nobody_comes_in_from_a_banned_network_but_staff(
    as_max: Client, bob: User, max_: User
) -> None:
    wanted = form("1.1.1.0/24", reason="raid", note="same provider")
    page = said(as_max.post(ADD, wanted, follow=True))
    assert "Nobody comes in from 1.1.1.0/24 now" in page
    made = AddressBan.objects.get()
    assert (made.network, made.reason, made.note) == ("1.1.1.0/24", "raid", "same provider")
    assert made.expires_at is not None
    assert abs(made.expires_at - timezone.now() - timedelta(days=1)) < timedelta(minutes=1)
    assert audited() == [("max", "ban_address", "raid")]
    assert client_of(bob).get("/profile/", REMOTE_ADDR="1.1.1.9").status_code == 403
    assert client_of(bob).get("/profile/", REMOTE_ADDR="1.1.2.9").status_code == 200
    assert client_of(max_).get("/profile/", REMOTE_ADDR="1.1.1.9").status_code == 200


@pytest.mark.parametrize(
    ("network", "sentence"),
    [
        ("10.0.0.1", "This is a private address, maybe that of a proxy"),
        ("127.0.0.1", "This is a private address"),
        ("192.168.0.0/16", "This is a private address"),
        ("fe80::1", "This is a private address"),
        ("1.0.0.0/8", "This network is too wide"),
        ("0.0.0.0/0", "This network is too wide"),
        ("2000::/3", "This network is too wide"),
        (OWN, "You are using this address yourself."),
        ("8.8.0.0/16", "You are using this address yourself."),
        ("nonsense", "This is not an address that can be banned."),
        ("1.1.1.1.1", "This is not an address that can be banned."),
        ("", "This field is required."),
        ("1" * 60, "at most 43 characters"),
    ],
)
def test_an_address_that_must_not_be_banned_is_refused_with_a_sentence(
    as_max: Client, network: str, sentence: str
) -> None:
    answer = as_max.post(ADD, form(network, reason="kept"), REMOTE_ADDR=OWN)
    assert answer.status_code == 200
    assert sentence in said(answer)
    assert 'value="kept"' in said(answer)
    assert not AddressBan.objects.exists()


def test_the_address_comes_with_the_link_from_a_persons_page(as_max: Client, db: None) -> None:
    assert 'value="1.1.1.7"' in said(as_max.get(f"{ADD}?network=1.1.1.7"))


def test_bans_are_lifted_after_a_page_that_asks(as_max: Client, bob: User, ban: AddressBan) -> None:
    assert client_of(bob).get("/profile/", REMOTE_ADDR="1.1.1.7").status_code == 403
    asked = as_max.post(LIST, tick("lift", ban))["Location"]
    assert "They can come in again" in said(as_max.get(asked))
    assert fresh(ban).lifted_at is None
    done = said(as_max.post(asked, {"reason": "a school"}, follow=True))
    assert "1 ban is lifted." in done
    assert fresh(ban).lifted_at is not None
    assert audited()[1:] == [("max", "lift_address", "a school")]


def test_the_second_of_two_moderators_is_told(as_max: Client, ban: AddressBan) -> None:
    path = f"{LIST}lift/?ids={ban.pk}"
    as_max.post(path, {"reason": "one"})
    answer = said(as_max.post(path, {"reason": "two"}))
    assert "Another moderator has decided this already." in answer
    assert [reason for _, verb, reason in audited() if verb == "lift_address"] == ["one"]


def test_a_ban_is_read_and_cannot_be_written_or_deleted(as_olga: Client, ban: AddressBan) -> None:
    path = f"{LIST}{ban.pk}/change/"
    assert "1.1.1.7" in said(as_olga.get(path))
    assert as_olga.post(path, form("9.9.9.9")).status_code == 403
    assert as_olga.post(f"{LIST}{ban.pk}/delete/", {"post": "yes"}).status_code == 403
    as_olga.post(LIST, {**tick("delete_selected", ban), "post": "yes"})
    assert fresh(ban).network == "1.1.1.7/32"
    with pytest.raises(UnguardedWriteError):
        AddressBan.objects.all().delete()


def test_the_list_is_narrowed_by_state_and_by_the_beginning_of_an_address(
    as_max: Client, olga: User, ban: AddressBan
) -> None:
    other = addresses.ban_address(actor=olga, network="9.9.9.9")
    addresses.lift_address_ban(actor=olga, ban_id=other.pk)

    def listed(**asked: str) -> list[str]:
        shown = said(as_max.get(LIST, asked))
        return [row.network for row in (ban, other) if f"{LIST}{row.pk}/change/" in shown]

    assert listed(state="active") == ["1.1.1.7/32"]
    assert listed(state="lifted") == ["9.9.9.9/32"]
    assert listed(state="over") == []
    assert listed(q="9.9") == listed(q=f"#{other.pk}") == ["9.9.9.9/32"]


def test_the_outsider_and_the_owner_of_a_room_are_refused(
    as_eve: Client, as_ada: Client, lobby: Room, ban: AddressBan
) -> None:
    for client in (as_eve, as_ada):
        for path in (LIST, ADD, f"{LIST}{ban.pk}/change/", f"{LIST}lift/?ids={ban.pk}"):
            assert client.get(path, follow=True).status_code == 403
            assert client.post(path, form(), follow=True).status_code == 403
    assert fresh(ban).lifted_at is None
    assert AddressBan.objects.count() == 1


@pytest.mark.parametrize("who", ["as_max", "as_iris", "as_olga"])
def test_moderators_administrators_and_owners_do_the_whole_job(
    who: str, request: pytest.FixtureRequest, db: None
) -> None:
    client: Client = request.getfixturevalue(who)
    client.post(ADD, form(term="ever"))
    made = AddressBan.objects.get()
    assert made.expires_at is None
    client.post(f"{LIST}lift/?ids={made.pk}", {"reason": ""})
    assert fresh(made).lifted_at is not None


def test_the_list_makes_no_query_for_a_row(as_max: Client, olga: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_max.get(LIST)
        return len(queries)

    addresses.ban_address(actor=olga, network="9.9.9.1")
    cost()
    few = cost()
    for number in range(2, 9):
        addresses.ban_address(actor=olga, network=f"9.9.9.{number}")
    assert cost() == few
