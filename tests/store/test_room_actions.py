"""Rooms: made, named, archived; who may, and what the audit keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from chat import errors, policy
from chat.actions import rooms
from chat.models import AuditEntry, Membership, Room, User
from chat.verifying import find_damage
from tests.conftest import fresh, let_in

LEADING: dict[str, Callable[[Any, Room], None]] = {
    "rename": lambda actor, room: rooms.rename_room(
        actor=actor, room_id=room.pk, name="Renamed", reason="Why not"
    ),
    "topic": lambda actor, room: rooms.set_topic(
        actor=actor, room_id=room.pk, topic="Tea", reason="Why not"
    ),
    "archive": lambda actor, room: rooms.archive_room(
        actor=actor, room_id=room.pk, reason="Why not"
    ),
}


def test_whoever_makes_a_room_owns_it(bob: User) -> None:
    room = rooms.create_room(actor=bob, name="  Bob's \t corner ", topic="Anything")
    assert (room.name, room.topic, room.kind) == ("Bob's corner", "Anything", "open")
    assert (room.revision, room.last_seq, room.member_count) == (1, 0, 1)
    assert policy.role_in(bob, room.pk) == "owner"
    assert list(find_damage()) == []


def test_guests_and_nobody_make_no_rooms(db: None) -> None:
    guest = User.objects.create_user("a guest", kind=User.Kind.GUEST)
    with pytest.raises(errors.ForbiddenError):
        rooms.create_room(actor=guest, name="Mine")
    with pytest.raises(errors.SignInError):
        rooms.create_room(actor=AnonymousUser(), name="Mine")


@pytest.mark.parametrize("name", ["The lobby", "the LOBBY", "ｔｈｅ ｌｏｂｂｙ", " The  lobby "])
def test_two_open_rooms_do_not_share_a_name(name: str, bob: User, lobby: Room) -> None:
    with pytest.raises(errors.NameTakenError):
        rooms.create_room(actor=bob, name=name)
    other = rooms.create_room(actor=bob, name="Another")
    with pytest.raises(errors.NameTakenError):
        rooms.rename_room(actor=bob, room_id=other.pk, name=name)
    assert fresh(other).revision == other.revision


def test_a_private_room_may_be_called_like_an_open_one(bob: User, lobby: Room) -> None:
    rooms.create_room(actor=bob, name="The lobby", kind=Room.Kind.PRIVATE)


@pytest.mark.parametrize("verb", LEADING)
def test_who_leads_changes_the_room_and_the_audit_says_so(
    verb: str, ada: User, lobby: Room
) -> None:
    LEADING[verb](ada, lobby)
    assert fresh(lobby).facts_revision == lobby.revision + 1
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.room, entry.reason) == (ada, lobby, "Why not")


@pytest.mark.parametrize("verb", LEADING)
def test_a_moderator_leads_too(verb: str, bob: User, lobby: Room) -> None:
    Membership.log.filter(room=lobby, user=bob).update(role="moderator")
    LEADING[verb](bob, lobby)


@pytest.mark.parametrize("verb", LEADING)
def test_members_and_outsiders_do_not(
    verb: str, bob: User, eve: User, mallory: User, lobby: Room, cellar: Room
) -> None:
    let_in(lobby, mallory, "moderator")
    table: list[tuple[Any, Room, type[errors.ChatError]]] = [
        (bob, lobby, errors.ForbiddenError),
        (eve, lobby, errors.ForbiddenError),
        (bob, cellar, errors.ForbiddenError),
        (eve, cellar, errors.NotFoundError),
        (mallory, lobby, errors.SignInError),
        (AnonymousUser(), lobby, errors.SignInError),
    ]
    for actor, room, refusal in table:
        with pytest.raises(refusal):
            LEADING[verb](actor, room)
    assert not AuditEntry.objects.exists()


def test_archive_and_restore_do_nothing_the_second_time(ada: User, lobby: Room) -> None:
    for action in (rooms.archive_room, rooms.restore_room):
        action(actor=ada, room_id=lobby.pk)
        action(actor=ada, room_id=lobby.pk)
    assert fresh(lobby).revision == lobby.revision + 2
    assert AuditEntry.objects.count() == 2
    assert not fresh(lobby).is_archived


def test_private_rooms_are_not_there_for_the_outsider(
    ada: User, bob: User, eve: User, lobby: Room, cellar: Room
) -> None:
    assert set(policy.visible_rooms(eve)) == {lobby}
    assert set(policy.visible_rooms(bob)) == {lobby, cellar}
    for room_id in (cellar.pk, 404):
        with pytest.raises(errors.NotFoundError):
            policy.access_room(eve, room_id)
    with pytest.raises(errors.SignInError):
        policy.access_room(AnonymousUser(), lobby.pk)
