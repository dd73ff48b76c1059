"""The desk: what needs somebody now, for whom it is, how much it costs; and the raid switch."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actions import held_posts, members, reports, room_switches, sanctions
from chat.admin import desk
from chat.models import HeldPost, Message, ReportCase, Room, Site, User
from chat.ranks import ADMINISTRATORS
from tests.admin.conftest import audited, client_of, said
from tests.conftest import Post, let_in, make_moderator, make_person, moderates_the_site

DESK = "/admin/"
LEVEL = "/admin/level/"


def hold(post: Post, author: User, room: Room, body: str = "May I?") -> HeldPost:
    """Post where posts wait."""
    # A held post has no message yet, so the fixture finds none.
    with suppress(Message.DoesNotExist):
        post(author, room, body)
    return HeldPost.objects.latest("pk")


def test_where_nothing_waits_it_says_so(as_max: Client) -> None:
    page = said(as_max.get(DESK))
    assert "Nothing needs you now." in page
    assert "No mute or ban ends today." in page
    assert "Nothing was said in the last hour." in page


def test_it_shows_what_waits_and_leads_to_it(
    as_max: Client, max_: User, ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    case = reports.report_message(
        actor=ada, message_id=post(bob, lobby, "Buy gold").pk, reason="Advertising again"
    )
    room_switches.set_approve_first(actor=ada, room_id=lobby.pk, approve_first="everyone")
    hold(post, bob, lobby)
    sanctions.mute(actor=max_, user_id=eve.pk, until=_later_today(), reason="")
    page = said(as_max.get(DESK))
    assert "Nothing needs you now." not in page
    assert "Advertising again" in page
    assert f"/admin/chat/reportcase/{case.pk}/change/" in page
    assert "1 post waits" in page
    assert f"/admin/chat/heldpost/?room__id__exact={lobby.pk}" in page
    assert "changed whose posts wait" in page
    found = desk.desk(max_)
    assert [row["room"].name for row in found["busiest"]["rooms"]] == ["The lobby"]
    assert {person.display_name for person in found["newcomers"]["people"]} == {
        *("ada", "bob", "eve", "max")
    }


def _later_today() -> Any:
    now = timezone.localtime()
    end = now.replace(hour=23, minute=59, second=59)
    return end if end - now > timedelta(seconds=2) else now + timedelta(seconds=2)


def test_a_mute_that_ends_today_is_there_and_one_of_next_week_is_not(
    max_: User, bob: User, eve: User
) -> None:
    sanctions.mute(actor=max_, user_id=eve.pk, until=_later_today())
    sanctions.mute(actor=max_, user_id=bob.pk, term=timedelta(days=7))
    assert [sanction.user for sanction in desk.desk(max_)["ending"]] == [eve]


def test_the_first_five_of_a_long_queue_are_those_that_wait_longest(
    max_: User, ada: User, bob: User, lobby: Room, post: Post
) -> None:
    cases = [
        reports.report_message(actor=ada, message_id=post(bob, lobby).pk, reason=f"reason {n}")
        for n in range(7)
    ]
    # Another report of the first does not send it to the end of the queue.
    reports.report_message(actor=make_moderator("mo"), message_id=cases[0].message_id, reason="")
    found = desk.desk(max_)["reports"]
    assert found["count"].number == 7
    assert [case.pk for case in found["cases"]] == [case.pk for case in cases[:5]]
    assert found["cases"][0].newest_reason == "reason 0"


def test_counting_stops_where_nobody_needs_to_know_more(
    ada: User,
    bob: User,
    lobby: Room,
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
    max_: User,
    as_max: Client,
) -> None:
    monkeypatch.setattr(desk, "COUNTED", 2)
    for _ in range(4):
        reports.report_message(actor=ada, message_id=post(bob, lobby).pk, reason="")
    found = desk.desk(max_)["reports"]["count"]
    assert (found.number, found.is_bounded, found.shown) == (3, True, 2)
    assert "more than 2" in said(as_max.get(DESK))


def test_only_the_last_hour_makes_a_room_busy(
    max_: User, bob: User, lobby: Room, post: Post
) -> None:
    old, new = post(bob, lobby), post(bob, lobby)
    Message.log.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=2))
    [row] = desk.desk(max_)["busiest"]["rooms"]
    assert (row["room"], row["n"]) == (lobby, 1)
    assert new.pk


def test_a_direct_room_is_not_among_the_busiest(
    max_: User, bob: User, lobby: Room, post: Post
) -> None:
    post(bob, lobby)
    Room.log.filter(pk=lobby.pk).update(kind=Room.Kind.DIRECT)
    assert desk.desk(max_)["busiest"]["rooms"] == []


def test_more_rows_cost_no_more_queries(
    as_max: Client, max_: User, ada: User, bob: User, lobby: Room, post: Post
) -> None:
    def fill(n: int) -> None:
        for number in range(n):
            person = make_person(f"person {User.objects.count()}")
            members.join_room(actor=person, room_id=lobby.pk)
            message = post(person, lobby)
            reports.report_message(actor=ada, message_id=message.pk, reason=str(number))
            sanctions.mute(actor=max_, user_id=person.pk, until=_later_today())
        HeldPost.log.bulk_create(
            HeldPost(room=lobby, author=bob, nonce=f"h{HeldPost.objects.count()}-{i}", cause="room")
            for i in range(n)
        )

    fill(2)
    as_max.get(DESK)
    with CaptureQueriesContext(connection) as few:
        as_max.get(DESK)
    fill(6)
    with CaptureQueriesContext(connection) as many:
        as_max.get(DESK)
    assert len(many) == len(few), [query["sql"] for query in many]
    about_messages = [q["sql"] for q in many if 'FROM "chat_message"' in q["sql"]]
    assert all("LIMIT" in sql for sql in about_messages)


# --- For whom it is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "comes_in"),
    [
        *(("nobody", False), ("eve", False), ("ada", False), ("mallory", False)),
        *(("max", True), ("mia", True), ("olga", True)),
    ],
)
def test_the_desk_and_the_raid_switch_are_for_those_who_moderate_the_site(
    who: str, comes_in: bool, eve: User, ada: User, mallory: User, max_: User, olga: User
) -> None:
    """Eve is an outsider, ada owns a room, mallory is out; mia administers, olga owns the site."""
    moderates_the_site(make_person("mia"), ADMINISTRATORS)
    person = User.objects.filter(display_name=who).first()
    client = client_of(person) if person is not None else Client()
    assert (client.get(DESK).status_code == 200) is comes_in
    client.post(LEVEL, {"level": "read_only", "reason": "raid"})
    assert Site.objects.get().level == ("read_only" if comes_in else "normal")
    assert (audited() == [(who, "set_level", "raid")]) is comes_in


# --- The raid switch ----------------------------------------------------------------------------


@pytest.mark.parametrize("level", Site.Level.values)
def test_the_level_is_set_in_one_step_and_the_desk_says_so(as_max: Client, level: str) -> None:
    page = said(as_max.post(LEVEL, {"level": level, "reason": "a raid"}, follow=True))
    assert Site.objects.get().level == level
    assert f"The level of the site is now: {Site.Level(level).label}." in page
    assert f'value="{level}" checked' in page


def test_a_level_that_is_none_is_refused_with_a_sentence(as_max: Client) -> None:
    page = said(as_max.post(LEVEL, {"level": "closed", "reason": ""}, follow=True))
    assert "closed is not one of the available choices" in page
    assert Site.objects.get().level == "normal"


def test_the_switch_is_not_thrown_by_a_link(as_max: Client) -> None:
    assert as_max.get(f"{LEVEL}?level=read_only").status_code == 405
    assert Site.objects.get().level == "normal"


def test_a_decided_case_leaves_the_desk(
    as_max: Client, max_: User, ada: User, bob: User, lobby: Room, post: Post
) -> None:
    case = reports.report_message(actor=ada, message_id=post(bob, lobby).pk, reason="spam")
    reports.decide_case(actor=max_, case_id=case.pk, outcome=ReportCase.Outcome.DISMISSED)
    assert "Nothing needs you now." in said(as_max.get(DESK))


def test_an_approved_post_leaves_the_desk(
    as_max: Client, max_: User, ada: User, bob: User, lobby: Room, post: Post
) -> None:
    room_switches.set_approve_first(actor=ada, room_id=lobby.pk, approve_first="everyone")
    held = hold(post, bob, lobby)
    assert "1 post waits" in said(as_max.get(DESK))
    held_posts.approve_post(actor=max_, held_id=held.pk)
    assert "Nothing needs you now." in said(as_max.get(DESK))


def test_what_waits_in_a_private_room_is_for_those_who_are_in_it(
    as_max: Client, max_: User, ada: User, bob: User, cellar: Room, post: Post
) -> None:
    room_switches.set_approve_first(actor=ada, room_id=cellar.pk, approve_first="everyone")
    hold(post, bob, cellar, "A secret")
    assert "No post waits for approval." in said(as_max.get(DESK))
    assert "A secret" not in said(as_max.get("/admin/chat/heldpost/"))
    let_in(cellar, max_)
    assert "1 post waits" in said(as_max.get(DESK))
    assert "A secret" in said(as_max.get("/admin/chat/heldpost/"))
