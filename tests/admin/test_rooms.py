"""Rooms in the admin: each form and list action is an action, and refusals are sentences."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from chat.actions import room_switches, sanctions
from chat.models import AuditEntry, Membership, Room, User
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
    assert [verb for _, verb, _ in audited()] == ["kick"]


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


# --- How a room is moderated ----------------------------------------------------------------------


def test_all_switches_of_a_page_are_set_with_one_reason_and_one_click(
    as_max: Client, lobby: Room
) -> None:
    switched = {"slow_mode_s": 30, "posting": "moderators", "approve_first": "guests"}
    as_max.post(page(lobby), room_form(lobby, **switched, archived="on", reason="a raid"))
    room = fresh(lobby)
    assert (room.slow_mode_s, room.posting, room.approve_first) == (30, "moderators", "guests")
    assert room.is_archived
    verbs = ["set_slow_mode", "set_posting", "set_approve_first", "archive_room"]
    assert audited() == [("max", verb, "a raid") for verb in verbs]
    assert len(set(AuditEntry.objects.values_list("action_id", flat=True))) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"slow_mode_s": -1},
        {"slow_mode_s": 10**9},
        {"slow_mode_s": "soon"},
        {"posting": "nobody"},
        {"approve_first": "me"},
    ],
)
def test_of_switches_that_are_refused_in_part_none_is_set(
    as_max: Client, lobby: Room, wrong: dict[str, object]
) -> None:
    answer = as_max.post(page(lobby), room_form(lobby, archived="on", **wrong))
    assert "errornote" in said(answer)
    assert not fresh(lobby).is_archived
    assert audited() == []


def test_rooms_are_found_by_how_they_are_moderated(
    as_max: Client, max_: User, lobby: Room, cellar: Room
) -> None:
    room_switches.set_room(
        actor=max_, room_id=cellar.pk, slow_mode=5, posting="members", approve_first="everyone"
    )

    def listed(**asked: str) -> set[str]:
        shown = said(as_max.get(LIST, asked))
        return {room.name for room in (lobby, cellar) if page(room) in shown}

    assert listed(slow="yes") == {"The cellar"}
    assert listed(slow="no") == {"The lobby"}
    assert listed(posting__exact="members") == {"The cellar"}
    assert listed(approve_first__exact="nobody") == {"The lobby"}
    assert "slow mode: 5 s" in said(as_max.get(LIST))


def test_a_rooms_page_shows_the_sanctions_in_force_there(
    as_max: Client, max_: User, bob: User, lobby: Room, cellar: Room
) -> None:
    sanctions.mute(actor=max_, user_id=bob.pk, room_id=lobby.pk, reason="shouting")
    sanctions.ban(actor=max_, user_id=bob.pk, room_id=cellar.pk, reason="elsewhere")
    over = sanctions.ban(actor=max_, user_id=bob.pk, room_id=lobby.pk, reason="forgiven")
    sanctions.lift(actor=max_, sanction_id=over.pk)
    shown = said(as_max.get(page(lobby)))
    assert "shouting" in shown
    assert "elsewhere" not in shown
    assert "forgiven" not in shown


def test_a_member_who_is_removed_and_a_rename_share_one_click(
    as_max: Client, bob: User, lobby: Room
) -> None:
    as_max.post(
        page(lobby), room_form(lobby, name="Hall", **{f"{row_of(lobby, bob)}-remove": "on"})
    )
    assert [verb for _, verb, _ in audited()] == ["rename_room", "kick"]
    assert len(set(AuditEntry.objects.values_list("action_id", flat=True))) == 1


@pytest.mark.parametrize("who", ["as_eve", "as_ada"])
def test_the_outsider_and_the_owner_of_the_room_have_their_part_elsewhere(
    who: str, request: pytest.FixtureRequest, lobby: Room
) -> None:
    client: Client = request.getfixturevalue(who)
    for path in (LIST, page(lobby), f"{LIST}add/"):
        assert client.get(path, follow=True).status_code == 403
        assert client.post(path, room_form(lobby, name="x"), follow=True).status_code == 403
    client.post(LIST, tick("archive", lobby))
    assert fresh(lobby).name == "The lobby"
    assert not fresh(lobby).is_archived


@pytest.mark.parametrize("who", ["as_max", "as_iris", "as_olga"])
def test_moderators_administrators_and_owners_do_the_whole_job(
    who: str, request: pytest.FixtureRequest, lobby: Room, cellar: Room
) -> None:
    client: Client = request.getfixturevalue(who)
    for room in (lobby, cellar):
        client.post(page(room), room_form(room, slow_mode_s=9))
        assert fresh(room).slow_mode_s == 9
    client.post(LIST, tick("archive", lobby, cellar))
    assert fresh(lobby).is_archived
    assert fresh(cellar).is_archived
    assert len(set(AuditEntry.objects.filter(verb="archive_room").values_list("action_id"))) == 1
