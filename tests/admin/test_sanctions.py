"""Sanctions in the admin: set, read, lifted, undone; each by its action, refused in sentences."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from chat.actions import rooms, sanctions
from chat.models import AuditEntry, Room, Sanction, User
from chat.models.guarded import UnguardedWriteError
from tests.admin.conftest import audited, said, tick, undo_link
from tests.conftest import fresh, let_in, make_moderator, make_person

LIST = "/admin/chat/sanction/"
ADD = f"{LIST}add/"
LIFT = f"{LIST}lift/"


def form(person: object, kind: str = "mute", **changes: Any) -> dict[str, Any]:
    """What a browser sends from the page that adds one."""
    filled = {"person": str(person), "kind": kind, "room": "", "term": "60", "until": ""}
    return {**filled, "reason": "", "note": "", **changes}


def page(row: Sanction) -> str:
    return f"{LIST}{row.pk}/change/"


# --- Setting --------------------------------------------------------------------------------------


def test_a_person_is_muted_on_the_whole_site_for_a_day(
    as_max: Client, bob: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    wanted = form(bob, term="1440", reason="spam", note="third time")
    with django_capture_on_commit_callbacks() as told:
        answer = as_max.post(ADD, wanted)
    assert answer["Location"] == LIST
    sanction = Sanction.objects.get()
    assert (sanction.user, sanction.kind, sanction.room) == (bob, "mute", None)
    assert (sanction.reason, sanction.note) == ("spam", "third time")
    assert sanction.expires_at is not None
    assert abs(sanction.expires_at - timezone.now() - timedelta(days=1)) < timedelta(minutes=1)
    assert len(told) == 1
    assert audited() == [("max", "mute", "spam")]


def test_a_person_is_banned_from_one_room_for_ever(as_max: Client, bob: User, lobby: Room) -> None:
    as_max.post(ADD, form(bob, "ban", room=f"The lobby #{lobby.pk}", term="ever"))
    sanction = Sanction.objects.get()
    assert (sanction.kind, sanction.room, sanction.expires_at) == ("ban", lobby, None)


def test_the_page_says_what_the_person_reads_now_and_links_to_undo(
    as_max: Client, bob: User
) -> None:
    answer = said(as_max.post(ADD, form(bob, "ban", reason="spam"), follow=True))
    assert "bob reads: You are banned from this site, for another 1\xa0hour." in answer
    assert "Reason: spam" in answer
    as_max.post(undo_link(answer), {"reason": "a mistake"})
    assert Sanction.objects.get().lifted_at is not None
    assert audited() == [("max", "ban", "spam"), ("max", "lift", "a mistake")]


# --- Lifting --------------------------------------------------------------------------------------


def test_ticked_sanctions_are_lifted_after_a_page_that_asks(
    as_max: Client, max_: User, ada: User, bob: User
) -> None:
    rows = [sanctions.mute(actor=max_, user_id=person.pk) for person in (ada, bob)]
    asked = as_max.post(LIST, tick("lift", *rows))
    assert asked["Location"].startswith(f"{LIFT}?ids=")
    page = said(as_max.get(asked["Location"]))
    assert "They can write again, at once." in page
    assert all(row.lifted_at is None for row in Sanction.objects.all())
    answer = as_max.post(asked["Location"], {"reason": "enough"}, follow=True)
    assert "2 sanctions are lifted." in said(answer)
    assert all(row.lifted_at is not None for row in Sanction.objects.all())
    lifts = AuditEntry.objects.filter(verb="lift")
    assert [entry.reason for entry in lifts] == ["enough", "enough"]
    assert len({entry.action_id for entry in lifts}) == 1


def test_the_second_of_two_moderators_is_told(as_max: Client, olga: User, bob: User) -> None:
    row = sanctions.ban(actor=olga, user_id=bob.pk)
    path = f"{LIFT}?ids={row.pk}"
    as_max.post(path, {"reason": "one"})
    assert "Another moderator has decided this already." in said(as_max.post(path, {"reason": ""}))
    assert AuditEntry.objects.filter(verb="lift").count() == 1


def test_a_sanction_is_lifted_from_its_page(as_max: Client, olga: User, bob: User) -> None:
    row = sanctions.mute(actor=olga, user_id=bob.pk, reason="spam")
    shown = said(as_max.get(page(row)))
    assert f"{LIFT}?ids={row.pk}&page" in shown
    assert "You cannot write on this site, for ever. Reason: spam" in shown
    answer = as_max.post(f"{LIFT}?ids={row.pk}&page", {"reason": ""})
    assert answer["Location"] == page(row)
    assert LIFT not in said(as_max.get(page(row)))


# --- Refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"person": "nobody"}, "There is nobody of this name."),
        ({"person": "#999999"}, "There is nobody of this name."),
        ({"person": ""}, "This field is required."),
        ({"person": "max"}, "You cannot do this to yourself."),
        ({"person": "olga"}, "You cannot do this to somebody of your rank or above it."),
        ({"person": "mia"}, "You cannot do this to somebody of your rank or above it."),
        ({"room": "The attic"}, "There is no room of this name."),
        ({"kind": "exile"}, "Select a valid choice"),
        ({"term": "until", "until": "2001-01-01T00:00"}, "This time has passed already."),
        ({"reason": "x" * 501}, "at most 500 characters"),
        ({"note": "nul \x00"}, "Null characters are not allowed."),
    ],
)
def test_what_is_refused_stands_on_the_page_as_a_sentence(
    as_max: Client, olga: User, bob: User, changes: dict[str, str], sentence: str
) -> None:
    make_moderator("mia")
    answer = as_max.post(ADD, form(bob) | changes)
    assert answer.status_code == 200
    assert sentence in said(answer)
    assert not Sanction.objects.exists()


def test_a_kick_out_of_a_private_room_of_who_is_not_in_it_is_refused(
    as_max: Client, eve: User, cellar: Room
) -> None:
    answer = said(as_max.post(ADD, form(eve, "kick", room="The cellar")))
    assert "There is nothing here, or it is not for you to see." in answer
    assert not Sanction.objects.exists()


def test_rooms_of_one_name_are_told_apart_by_their_numbers(
    as_max: Client, ada: User, bob: User, lobby: Room
) -> None:
    twin = rooms.create_room(actor=ada, name="The lobby", kind=Room.Kind.PRIVATE)
    let_in(twin, bob)
    answer = said(as_max.post(ADD, form(bob, room="The lobby")))
    assert "Several rooms are called so: add the #number." in answer
    as_max.post(ADD, form(bob, room=f"The lobby #{twin.pk}"))
    assert Sanction.objects.get().room == twin
    assert "There is no room of this name." in said(
        as_max.post(ADD, form(bob, room=f"The cellar #{twin.pk}"))
    )


def test_a_person_is_named_by_what_their_name_looks_like_or_by_number(
    as_max: Client, bob: User
) -> None:
    as_max.post(ADD, form("B0B"))
    as_max.post(ADD, form(f"#{bob.pk}", "ban"))
    assert {row.user for row in Sanction.objects.all()} == {bob}
    assert Sanction.objects.count() == 2


def test_names_are_offered_to_moderators_alone(as_max: Client, as_ada: Client, bob: User) -> None:
    about = {"app_label": "chat", "model_name": "sanction", "field_name": "user", "term": "bo"}
    offered = as_max.get("/admin/autocomplete/", about).json()["results"]
    assert offered == [{"id": str(bob.pk), "text": "bob"}]
    assert as_ada.get("/admin/autocomplete/", about, follow=True).status_code == 403


def test_a_sanction_is_read_and_cannot_be_written_or_deleted(
    as_olga: Client, olga: User, bob: User
) -> None:
    row = sanctions.mute(actor=olga, user_id=bob.pk, reason="spam", note="our secret")
    assert "our secret" in said(as_olga.get(page(row)))
    assert as_olga.post(page(row), form(bob, reason="none")).status_code == 403
    assert as_olga.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    as_olga.post(LIST, {**tick("delete_selected", row), "post": "yes"})
    assert fresh(row).reason == "spam"
    with pytest.raises(UnguardedWriteError):
        Sanction.objects.all().delete()
    with pytest.raises(UnguardedWriteError):
        Sanction.objects.all().update(reason="")


# --- The list -------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_state_kind_and_place(
    as_max: Client, max_: User, ada: User, bob: User, lobby: Room
) -> None:
    mute = sanctions.mute(actor=max_, user_id=bob.pk, room_id=lobby.pk)
    ban = sanctions.ban(actor=max_, user_id=bob.pk)
    kick = sanctions.kick(actor=max_, user_id=ada.pk)
    over = sanctions.mute(actor=max_, user_id=ada.pk, term=timedelta(minutes=1))
    Sanction.log.filter(pk=over.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    lifted = sanctions.mute(actor=max_, user_id=bob.pk)
    sanctions.lift(actor=max_, sanction_id=lifted.pk)
    every = {"mute": mute, "ban": ban, "kick": kick, "over": over, "lifted": lifted}

    def listed(**asked: str) -> set[str]:
        shown = said(as_max.get(LIST, asked))
        return {name for name, row in every.items() if page(row) in shown}

    assert listed(state="active") == {"mute", "ban"}
    assert listed(state="over") == {"kick", "over"}
    assert listed(state="lifted") == {"lifted"}
    assert listed(kind__exact="kick") == {"kick"}
    assert listed(where="room") == {"mute"}
    assert listed(where="site", state="active") == {"ban"}
    assert listed(q="ada") == {"kick", "over"}
    assert listed(q="The lobby") == {"mute"}
    assert listed(q=f"#{ban.pk}") == {"ban"}
    assert listed(user__id__exact=str(bob.pk)) == {"mute", "ban", "lifted"}


@pytest.mark.parametrize("term", ["bob", "#1", "9" * 40, "%", "'; --", "王", "\x00"])
def test_any_search_is_answered(as_max: Client, bob: User, term: str) -> None:
    assert as_max.get(LIST, {"q": term}).status_code == 200


@pytest.mark.parametrize("path", [LIST, f"{LIST}?q=person", f"{LIST}?state=active"])
def test_the_list_makes_no_query_for_a_row(as_max: Client, max_: User, path: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_max.get(path)
        return len(queries)

    def add(first: int, last: int) -> None:
        for number in range(first, last):
            person = make_person(f"person {number:02}")
            row = sanctions.mute(actor=max_, user_id=person.pk)
            sanctions.ban(actor=max_, user_id=person.pk)
            sanctions.lift(actor=max_, sanction_id=row.pk)

    add(0, 3)
    cost()
    few = cost()
    add(3, 12)
    assert cost() == few


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["as_eve", "as_ada"])
def test_the_outsider_and_the_owner_of_a_room_are_refused(
    who: str, request: pytest.FixtureRequest, max_: User, bob: User, lobby: Room
) -> None:
    client: Client = request.getfixturevalue(who)
    row = sanctions.mute(actor=max_, user_id=bob.pk, room_id=lobby.pk)
    for path in (LIST, ADD, page(row), f"{LIFT}?ids={row.pk}"):
        assert client.get(path, follow=True).status_code == 403
        assert client.post(path, form(bob, "ban"), follow=True).status_code == 403
    assert Sanction.objects.count() == 1
    assert fresh(row).lifted_at is None


@pytest.mark.parametrize("who", ["as_max", "as_iris", "as_olga"])
def test_moderators_administrators_and_owners_do_the_whole_job(
    who: str, request: pytest.FixtureRequest, bob: User, lobby: Room, cellar: Room
) -> None:
    client: Client = request.getfixturevalue(who)
    for kind in ("mute", "ban", "kick"):
        for room in ("", "The lobby", f"#{cellar.pk}"):
            client.post(ADD, form(bob, kind, room=room))
    assert Sanction.objects.count() == 9
    lasting = Sanction.objects.exclude(kind="kick")
    ids = ",".join(str(row.pk) for row in lasting)
    client.post(f"{LIFT}?ids={ids}", {"reason": ""})
    assert all(row.lifted_at for row in lasting.all())


def test_whose_rank_was_taken_is_out_at_once_and_does_nothing_more(
    as_max: Client, max_: User, bob: User
) -> None:
    max_.groups.clear()
    assert as_max.get(ADD, follow=True).status_code in (302, 403)
    as_max.post(ADD, form(bob))
    assert not Sanction.objects.exists()
