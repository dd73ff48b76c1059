"""Rooms in the admin: each form and list action is an action, and refusals are sentences."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from chat.models import Membership, Room, User
from tests.admin.conftest import audited, room_form, row_of, said, tick
from tests.conftest import fresh

LIST = "/admin/chat/room/"


def page(room: Room) -> str:
    return f"{LIST}{room.pk}/change/"


def role(room: Room, user: User) -> str | None:
    return Membership.objects.filter(room=room, user=user).values_list("role", flat=True).first()


def test_a_room_is_made(as_max: Client, max_: User) -> None:
    as_max.post(f"{LIST}add/", {"name": "讀書會", "topic": "每週三"})
    room = Room.objects.get()
    assert (room.name, room.topic, room.kind, room.created_by) == ("讀書會", "每週三", "open", max_)
    assert role(room, max_) == "owner"


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200b", "a\u202eb", "x" * 81, "The lobby", "THE LOBBY"]
)
def test_a_name_that_cannot_be_is_refused_with_a_sentence(
    as_max: Client, lobby: Room, name: str
) -> None:
    answer = as_max.post(f"{LIST}add/", {"name": name, "topic": ""})
    assert answer.status_code == 200
    assert "errornote" in said(answer)
    assert Room.objects.count() == 1


def test_renaming_setting_the_topic_and_archiving_are_told_and_audited(
    as_max: Client,
    lobby: Room,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    form = room_form(lobby, name="The hall", topic="Hats off", archived="on", reason="spring")
    with django_capture_on_commit_callbacks() as announcements:
        answer = as_max.post(page(lobby), form)
    assert answer["Location"] == LIST
    room = fresh(lobby)
    assert (room.name, room.topic, room.is_archived) == ("The hall", "Hats off", True)
    assert room.revision == lobby.revision + 3
    assert len(announcements) == 3
    verbs = ["rename_room", "set_topic", "archive_room"]
    assert audited() == [("max", verb, "spring") for verb in verbs]


def test_an_archived_room_is_opened_again_by_its_page(as_max: Client, lobby: Room) -> None:
    as_max.post(page(lobby), room_form(lobby, archived="on"))
    as_max.post(page(lobby), room_form(fresh(lobby), archived=None))
    assert not fresh(lobby).is_archived


def test_a_page_sent_back_as_it_was_changes_nothing(as_max: Client, lobby: Room) -> None:
    as_max.post(page(lobby), room_form(lobby))
    assert fresh(lobby).revision == lobby.revision
    assert audited() == []


def test_of_a_page_that_is_refused_in_part_nothing_is_done(
    as_max: Client, ada: User, lobby: Room
) -> None:
    """The name is fine, but the last owner cannot go: neither happens."""
    form = room_form(lobby, name="The hall", **{f"{row_of(lobby, ada)}-remove": "on"})
    answer = as_max.post(page(lobby), form)
    assert "A room needs an owner" in said(answer)
    assert fresh(lobby).name == "The lobby"
    assert fresh(lobby).revision == lobby.revision
    assert role(lobby, ada) == "owner"
    assert audited() == []


def test_a_name_that_is_taken_is_said_on_the_page(as_max: Client, lobby: Room) -> None:
    as_max.post(f"{LIST}add/", {"name": "The hall", "topic": ""})
    answer = as_max.post(page(lobby), room_form(lobby, name="the hall"))
    assert "This name is taken" in said(answer)
    assert fresh(lobby).name == "The lobby"


def test_a_members_role_is_changed_on_the_rooms_page(
    as_max: Client, bob: User, lobby: Room
) -> None:
    form = room_form(lobby, reason="he asked", **{f"{row_of(lobby, bob)}-role": "moderator"})
    as_max.post(page(lobby), form)
    assert role(lobby, bob) == "moderator"
    assert audited() == [("max", "set_role", "he asked")]


def test_a_member_is_removed_on_the_rooms_page(as_max: Client, bob: User, lobby: Room) -> None:
    as_max.post(page(lobby), room_form(lobby, **{f"{row_of(lobby, bob)}-remove": "on"}))
    assert role(lobby, bob) is None
    assert fresh(lobby).member_count == 1
    assert [verb for _, verb, _ in audited()] == ["remove_member"]


def test_a_member_who_left_meanwhile_is_an_error_on_the_page(
    as_max: Client, bob: User, lobby: Room
) -> None:
    form = room_form(lobby, **{f"{row_of(lobby, bob)}-role": "moderator"})
    Membership.log.filter(user=bob).delete()
    answer = as_max.post(page(lobby), form)
    assert answer.status_code == 200
    assert "errornote" in said(answer)


def test_a_row_of_another_room_cannot_be_slipped_in(
    as_max: Client, bob: User, lobby: Room, cellar: Room
) -> None:
    form = room_form(lobby)
    theirs = Membership.objects.get(room=cellar, user=bob)
    prefix = row_of(lobby, bob)
    form |= {f"{prefix}-id": theirs.pk, f"{prefix}-remove": "on"}
    as_max.post(page(lobby), form)
    assert role(cellar, bob) == "member"
    assert role(lobby, bob) == "member"


def test_ticked_rooms_are_archived_and_opened_again(
    as_max: Client, lobby: Room, cellar: Room
) -> None:
    answer = as_max.post(LIST, tick("archive", lobby, cellar, reason="winter"), follow=True)
    assert "2 rooms are archived." in said(answer)
    assert fresh(lobby).is_archived
    assert fresh(cellar).is_archived
    assert audited() == [("max", "archive_room", "winter")] * 2
    as_max.post(LIST, tick("restore", lobby))
    assert not fresh(lobby).is_archived


def test_all_on_all_pages_cannot_be_ticked(as_max: Client, lobby: Room, cellar: Room) -> None:
    as_max.post(LIST, {**tick("archive", lobby), "select_across": "1"})
    assert fresh(lobby).is_archived
    assert not fresh(cellar).is_archived


@pytest.mark.parametrize("reason", ["x" * 501, "nul \x00 nul"])
def test_a_reason_that_cannot_be_kept_stops_the_action(
    as_max: Client, lobby: Room, reason: str
) -> None:
    as_max.post(LIST, tick("archive", lobby, reason=reason))
    answer = as_max.post(page(lobby), room_form(lobby, name="The hall", reason=reason))
    assert "errornote" in said(answer)
    assert not fresh(lobby).is_archived
    assert fresh(lobby).name == "The lobby"


def test_the_kind_and_the_clock_cannot_be_written(as_max: Client, lobby: Room) -> None:
    form = room_form(lobby, kind="private", revision=0, last_seq=9, created_by="", member_count=9)
    as_max.post(page(lobby), form)
    room = fresh(lobby)
    assert (room.kind, room.revision, room.last_seq, room.member_count) == (
        "open",
        lobby.revision,
        0,
        2,
    )


@pytest.mark.parametrize("pk", ["999999", "0", "-1", "x", "9" * 40, "%00"])
def test_a_room_that_is_not_there_is_no_fault(as_max: Client, db: None, pk: str) -> None:
    assert as_max.get(f"{LIST}{pk}/change/").status_code in (302, 404)
    assert as_max.post(f"{LIST}{pk}/change/", {"name": "x"}).status_code in (302, 404)


@pytest.mark.parametrize("term", ["lobby", "LOB", "#1", "1", "9" * 40, "'; --", "%", "\\", "讀"])
def test_any_search_is_answered(as_max: Client, lobby: Room, term: str) -> None:
    assert as_max.get(LIST, {"q": term}).status_code == 200
