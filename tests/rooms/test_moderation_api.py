"""What the page asks for those who lead a room: its pins, its sanctions, who stands above whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chat import errors, ranks
from chat.actions import messages, pins, redaction, sanctions
from chat.models import Membership, Room, User
from tests.conftest import Post, let_in, make_moderator, make_person, moderates_the_site
from tests.rooms.conftest import Cast

pytestmark = pytest.mark.django_db


def ask(person: User | None, room: Room | int, what: str) -> Any:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client.get(f"/api/rooms/{getattr(room, 'pk', room)}/{what}/")


# person, sanctions of the open room, of the private one, pins of the open room, of the private one
ROLES = [
    ("nobody", 401, 401, 401, 401),
    ("switched off", 401, 401, 401, 401),
    ("outsider", 403, 404, 200, 404),
    ("guest", 403, 404, 200, 404),
    ("member", 403, 403, 200, 200),
    ("muted", 403, 403, 200, 200),
    ("banned", 403, 404, 403, 403),
    ("banned moderator", 403, 404, 403, 403),
    ("former member", 403, 404, 200, 404),
    ("moderator elsewhere", 403, 404, 200, 404),
    ("staff without rights", 403, 404, 200, 404),
    ("moderator", 200, 200, 200, 200),
    ("owner", 200, 200, 200, 200),
    ("site moderator", 200, 200, 200, 404),
]


@pytest.mark.parametrize(("person", *"abcd"), ROLES, ids=[row[0] for row in ROLES])
def test_the_role_table_of_pins_and_sanctions(
    cast: Cast, lobby: Room, cellar: Room, person: str, a: int, b: int, c: int, d: int
) -> None:
    who = cast[person]
    answers = [ask(who, room, what) for what in ("sanctions", "pins") for room in (lobby, cellar)]
    assert [answer.status_code for answer in answers] == [a, b, c, d]
    for answer in answers:
        if answer.status_code != 200:
            assert set(answer.json()) >= {"code", "text"}
            assert "banned-moderator" not in answer.content.decode()


def test_a_missing_room_answers_as_a_private_one(eve: User, cellar: Room) -> None:
    for what in ("sanctions", "pins"):
        private, missing = ask(eve, cellar, what), ask(eve, cellar.pk + 1000, what)
        assert private.status_code == missing.status_code == 404
        assert private.json() == missing.json()


def test_sanctions_are_listed_while_they_bite(ada: User, bob: User, eve: User, lobby: Room) -> None:
    until = timezone.now() + timedelta(hours=1)
    sanctions.mute(
        actor=ada, user_id=bob.pk, room_id=lobby.pk, until=until, reason="Loud.", note="Again."
    )
    sanctions.ban(actor=ada, user_id=eve.pk, room_id=lobby.pk)
    sanctions.kick(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    found = ask(ada, lobby, "sanctions").json()["sanctions"]
    assert [(s["kind"], s["person"]["name"], s["reason"], s["note"]) for s in found] == [
        ("ban", "eve", "", ""),
        ("mute", "bob", "Loud.", "Again."),
    ]
    assert found[0]["until"] is None
    assert found[1]["by"]["name"] == "ada"
    for sanction in found:
        sanctions.lift(actor=ada, sanction_id=sanction["id"])
    assert ask(ada, lobby, "sanctions").json()["sanctions"] == []


def test_what_bites_elsewhere_is_not_listed(ada: User, bob: User, lobby: Room, cellar: Room):
    sanctions.mute(actor=ada, user_id=bob.pk, room_id=cellar.pk)
    sanctions.mute(actor=make_moderator("stan"), user_id=bob.pk)
    assert ask(ada, lobby, "sanctions").json()["sanctions"] == []


def test_above_is_everybody_whom_the_action_would_refuse(ada: User, bob: User, lobby: Room) -> None:
    """For each pair the list says what ``check_outranks`` does."""
    mona, max_, olive = (make_person(name) for name in ("mona", "max", "olive"))
    for moderator in (mona, max_):
        let_in(lobby, moderator, Membership.Role.MODERATOR)
    let_in(lobby, olive, Membership.Role.OWNER)
    leaders = [
        *(ada, olive, mona, max_, make_moderator("stan"), make_moderator("stella")),
        moderates_the_site(make_person("anna"), ranks.ADMINISTRATORS),
        make_person("olga", is_staff=True, is_superuser=True),
    ]
    gone = moderates_the_site(make_person("gone", is_active=False))
    cast = [*leaders, bob, make_person("sam", is_staff=True), gone]
    for actor in User.objects.filter(pk__in=[leader.pk for leader in leaders]):
        above = ranks.not_outranked_by(actor, lobby.pk)
        for target in User.objects.filter(pk__in=[person.pk for person in cast]):
            try:
                ranks.check_outranks(actor, target, lobby.pk)
            except errors.ForbiddenError:
                assert target.pk in above, (actor, target)
            else:
                assert target.pk not in above, (actor, target)


def test_pins_come_with_their_messages_the_newest_first(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    first, second, third = (post(bob, lobby, text) for text in ("one", "two", "three"))
    for message in (second, first, third):
        pins.pin_message(actor=ada, message_id=message.pk)
    assert [m["body"] for m in ask(bob, lobby, "pins").json()["messages"]] == [
        *("three", "one", "two")
    ]
    pins.unpin_message(actor=ada, message_id=third.pk)
    redaction.redact_messages(actor=ada, message_ids=[first.pk])
    messages.edit_message(actor=bob, message_id=second.pk, body="two!")
    answer = ask(bob, lobby, "pins").json()
    assert [m["body"] for m in answer["messages"]] == ["two!"]
    assert answer["revision"] == Room.objects.get(pk=lobby.pk).revision


@pytest.mark.parametrize(("name", "moderates"), [("stan", True), ("bob", False), ("ada", False)])
def test_the_page_says_whether_one_moderates_the_site(
    request: Any, lobby: Room, name: str, moderates: bool
) -> None:
    who = make_moderator("stan") if name == "stan" else request.getfixturevalue(name)
    client = Client()
    client.force_login(who)
    page = client.get(f"/rooms/{lobby.pk}/").content.decode()
    assert f'"moderates":{str(moderates).lower()}' in page
