"""Ticked people are muted, banned and kicked after a page that shows what they will read."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.models import AuditEntry, Room, Sanction, User
from tests.admin.conftest import audited, said, tick, undo_link
from tests.conftest import make_moderator, make_person

LIST = "/admin/chat/user/"


def ask(client: Client, action: str, *people: User, reason: str = "") -> str:
    """Tick and choose; return the address of the page that asks."""
    answer = client.post(LIST, tick(action, *people, reason=reason))
    assert answer["Location"].startswith(f"{LIST}{action}/?ids=")
    return str(answer["Location"])


def form(**changes: Any) -> dict[str, Any]:
    filled = {"room": "", "term": "60", "until": "", "reason": "", "note": ""}
    return filled | changes


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("mute", "You cannot write on this site, for another 1\xa0day."),
        ("ban", "You are banned from this site, for another 1\xa0day."),
        ("kick", "You were sent out of this site; you may return."),
    ],
)
def test_the_page_shows_what_they_will_read_and_where_before_anything_is_done(
    as_max: Client, ada: User, bob: User, lobby: Room, action: str, sentence: str
) -> None:
    page = said(as_max.get(ask(as_max, action, ada, bob)))
    assert sentence in page
    assert "Every room of the site" in page
    assert "The lobby" in page
    assert "What was written stays." in page
    assert not Sanction.objects.exists()


def test_the_page_can_be_looked_at_again_with_what_the_form_says_now(
    as_max: Client, bob: User, lobby: Room
) -> None:
    path = ask(as_max, "ban", bob, reason="spam")
    assert 'value="spam"' in said(as_max.get(path))
    wanted = form(room="The lobby", term="10080", reason="spam and gold")
    page = said(as_max.post(path, {**wanted, "look": "1"}))
    assert "You are banned from this room, for another 1\xa0week. Reason: spam and gold" in page
    assert not Sanction.objects.exists()


def test_they_read_it_in_their_own_language(as_max: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(language="zh-hans")
    page = said(as_max.get(ask(as_max, "mute", bob)))
    assert '<q lang="en">You cannot write on this site' in page
    assert '<q lang="zh-hans">' in page


def test_one_click_is_one_id_and_is_undone_by_its_link(
    as_max: Client, ada: User, bob: User, lobby: Room
) -> None:
    path = ask(as_max, "mute", ada, bob)
    done = said(as_max.post(path, form(reason="a quarrel", note="both"), follow=True))
    assert "2 people are muted." in done
    rows = list(Sanction.objects.all())
    assert {(row.kind, row.reason, row.note, row.room) for row in rows} == {
        ("mute", "a quarrel", "both", None)
    }
    assert len({row.action_id for row in rows}) == 1
    as_max.post(undo_link(done), {"reason": "made up"})
    assert all(row.lifted_at for row in Sanction.objects.all())
    assert [verb for _, verb, _ in audited()] == ["mute", "mute", "lift", "lift"]
    lifts = AuditEntry.objects.filter(verb="lift").values_list("action_id", flat=True)
    assert len(set(lifts)) == 1


def test_a_room_bites_there_alone_and_a_kick_needs_no_undoing(
    as_max: Client, bob: User, lobby: Room
) -> None:
    path = ask(as_max, "kick", bob)
    done = said(
        as_max.post(path, {"room": "the LOBBY", "reason": "calm down", "note": ""}, follow=True)
    )
    assert "1 person is kicked." in done
    assert "/admin/undo/" not in done
    assert (Sanction.objects.get().room, Sanction.objects.get().kind) == (lobby, "kick")
    assert not lobby.memberships.filter(user=bob).exists()


def test_who_is_refused_is_named_and_the_rest_is_done(
    as_max: Client, max_: User, olga: User, bob: User
) -> None:
    path = ask(as_max, "ban", olga, max_, bob)
    done = said(as_max.post(path, form(), follow=True))
    assert "1 person is banned." in done
    assert "Max: You cannot do this to yourself." in done
    assert "Olga: You cannot do this to somebody of your rank or above it." in done
    assert Sanction.objects.get().user == bob


def test_where_all_are_refused_it_stands_on_the_page(as_max: Client, olga: User) -> None:
    mia = make_moderator("mia")
    page = said(as_max.post(ask(as_max, "ban", olga, mia), form(reason="coup")))
    assert "Nothing is done yet." in page
    assert page.count("You cannot do this to somebody of your rank or above it.") == 2
    assert 'value="coup"' in page
    assert not Sanction.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"room": "The attic"}, "There is no room of this name."),
        ({"term": "until"}, "Choose “until a date”, and the date with it."),
        ({"term": "60", "until": "2999-01-01T00:00"}, "Choose “until a date”"),
        ({"term": "until", "until": "2001-01-01T00:00"}, "This time has passed already."),
        ({"term": "until", "until": "2999-01-01T00:00"}, "That is too far away"),
        ({"term": "7"}, "Select a valid choice"),
        ({"reason": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_on_the_page(
    as_max: Client, bob: User, changes: dict[str, str], sentence: str
) -> None:
    page = said(as_max.post(ask(as_max, "mute", bob), form(**changes)))
    assert sentence in page
    assert not Sanction.objects.exists()


@pytest.mark.parametrize("ids", ["", "x", "0", "-1", "999999", "9" * 40, ",".join(["1"] * 201)])
def test_nobody_chosen_is_no_page(as_max: Client, ids: str) -> None:
    assert as_max.get(f"{LIST}ban/?ids={ids}").status_code == 404
    assert as_max.post(f"{LIST}ban/?ids={ids}", form()).status_code == 404


@pytest.mark.parametrize("action", ["mute", "ban", "kick"])
def test_the_outsider_and_the_owner_of_a_room_have_no_such_page(
    as_eve: Client, as_ada: Client, bob: User, lobby: Room, action: str
) -> None:
    for client in (as_eve, as_ada):
        for method in (client.get, client.post):
            path = f"{LIST}{action}/?ids={bob.pk}"
            assert method(path, form(), follow=True).status_code == 403
    assert not Sanction.objects.exists()


def test_administrators_and_owners_sanction_moderators(
    as_iris: Client, as_olga: Client, max_: User, iris: User
) -> None:
    as_iris.post(ask(as_iris, "mute", max_), form())
    as_olga.post(ask(as_olga, "mute", iris), form())
    assert {row.user for row in Sanction.objects.all()} == {max_, iris}


def test_what_they_said_is_redacted_by_the_page_for_it(as_max: Client, bob: User) -> None:
    answer = as_max.post(LIST, tick("redact", bob))
    assert answer["Location"] == f"/admin/chat/message/redact-all/?people={bob.pk}"
    assert as_max.get(answer["Location"]).status_code == 200


def test_the_page_costs_no_query_for_a_person(as_max: Client, lobby: Room) -> None:
    def cost(people: list[User]) -> int:
        path = f"{LIST}ban/?ids={','.join(str(person.pk) for person in people)}"
        with CaptureQueriesContext(connection) as queries:
            as_max.get(path)
        return len(queries)

    people = [make_person(f"person {number}") for number in range(9)]
    cost(people[:1])
    assert cost(people[:2]) == cost(people)
