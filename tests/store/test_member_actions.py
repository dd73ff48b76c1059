"""Join, leave, roles, removal and read marks; eve stays outside of what is not open."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from chat import errors, policy
from chat.actions import members, rooms, sanctions
from chat.models import AuditEntry, Membership, Room, User
from chat.verifying import find_damage
from tests.conftest import Post, fresh, let_in, moderates_the_site


def _read(room: Room, user: User) -> int:
    return Membership.objects.get(room=room, user=user).last_read_seq


def test_joining_starts_with_nothing_unread(ada: User, eve: User, lobby: Room, post: Post) -> None:
    post(ada, lobby)
    membership = members.join_room(actor=eve, room_id=lobby.pk)
    assert (membership.role, membership.last_read_seq) == ("member", 1)
    assert fresh(lobby).member_count == 3


def test_nobody_joins_what_is_private_archived_missing_or_without_signing_in(
    ada: User, bob: User, eve: User, mallory: User, lobby: Room, cellar: Room
) -> None:
    for room_id in (cellar.pk, 404):
        with pytest.raises(errors.NotFoundError):
            members.join_room(actor=eve, room_id=room_id)
    for nobody in (mallory, AnonymousUser()):
        with pytest.raises(errors.SignInError):
            members.join_room(actor=nobody, room_id=lobby.pk)
    rooms.archive_room(actor=ada, room_id=lobby.pk)
    with pytest.raises(errors.ArchivedError):
        members.join_room(actor=eve, room_id=lobby.pk)
    assert members.join_room(actor=bob, room_id=lobby.pk).user == bob


def test_who_leaves_is_out_and_may_come_back(bob: User, lobby: Room) -> None:
    members.leave_room(actor=bob, room_id=lobby.pk)
    assert policy.role_in(bob, lobby.pk) is None
    assert fresh(lobby).member_count == 1
    with pytest.raises(errors.NotFoundError):
        members.leave_room(actor=bob, room_id=lobby.pk)
    members.join_room(actor=bob, room_id=lobby.pk)
    assert list(find_damage()) == []


def test_the_outsider_cannot_leave_nor_tell_a_private_room_from_a_missing_one(
    eve: User, lobby: Room, cellar: Room
) -> None:
    for room_id in (lobby.pk, cellar.pk, 404):
        with pytest.raises(errors.NotFoundError):
            members.leave_room(actor=eve, room_id=room_id)


def test_a_room_keeps_an_owner_while_it_has_members(ada: User, bob: User, lobby: Room) -> None:
    with pytest.raises(errors.LastOwnerError):
        members.leave_room(actor=ada, room_id=lobby.pk)
    with pytest.raises(errors.LastOwnerError):
        members.set_role(actor=ada, room_id=lobby.pk, user_id=ada.pk, role="member")
    members.set_role(actor=ada, room_id=lobby.pk, user_id=bob.pk, role="owner")
    members.leave_room(actor=ada, room_id=lobby.pk)
    members.leave_room(actor=bob, room_id=lobby.pk)
    assert fresh(lobby).member_count == 0
    assert list(find_damage()) == []


def test_only_owners_and_staff_give_roles(ada: User, bob: User, eve: User, lobby: Room) -> None:
    give = {"room_id": lobby.pk, "user_id": bob.pk, "role": "moderator"}
    for actor in (bob, eve):
        with pytest.raises(errors.ForbiddenError):
            members.set_role(actor=actor, **give)
    members.set_role(actor=ada, **give, reason="Kind")
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.target, entry.reason) == ("set_role", ada, bob, "Kind")
    # A moderator leads, but does not say who else does.
    with pytest.raises(errors.ForbiddenError):
        members.set_role(actor=bob, room_id=lobby.pk, user_id=ada.pk, role="member")
    moderates_the_site(eve)
    members.set_role(actor=fresh(eve), room_id=lobby.pk, user_id=bob.pk, role="member")


def test_a_private_room_is_not_there_for_the_outsider_who_would_lead_it(
    bob: User, eve: User, cellar: Room
) -> None:
    with pytest.raises(errors.NotFoundError):
        members.set_role(actor=eve, room_id=cellar.pk, user_id=bob.pk, role="member")
    with pytest.raises(errors.NotFoundError):
        sanctions.kick(actor=eve, room_id=cellar.pk, user_id=bob.pk)


def test_moderators_remove_members_and_owners_remove_anybody(
    ada: User, bob: User, eve: User, lobby: Room
) -> None:
    members.join_room(actor=eve, room_id=lobby.pk)
    members.set_role(actor=ada, room_id=lobby.pk, user_id=bob.pk, role="moderator")
    sanctions.kick(actor=bob, room_id=lobby.pk, user_id=eve.pk, reason="Noise")
    assert policy.role_in(eve, lobby.pk) is None
    entry = AuditEntry.objects.get(verb="kick")
    assert (entry.actor, entry.target, entry.room, entry.reason) == (bob, eve, lobby, "Noise")
    with pytest.raises(errors.ForbiddenError):
        sanctions.kick(actor=bob, room_id=lobby.pk, user_id=ada.pk)
    sanctions.kick(actor=ada, room_id=lobby.pk, user_id=bob.pk)
    assert fresh(lobby).member_count == 1
    assert list(find_damage()) == []


def test_members_and_outsiders_remove_nobody(ada: User, bob: User, eve: User, lobby: Room) -> None:
    for actor in (bob, eve):
        with pytest.raises(errors.ForbiddenError):
            sanctions.kick(actor=actor, room_id=lobby.pk, user_id=ada.pk)
    cellar = rooms.create_room(actor=ada, name="The cellar", kind="private")
    with pytest.raises(errors.NotFoundError):
        sanctions.kick(actor=ada, room_id=cellar.pk, user_id=eve.pk)


def test_a_read_mark_never_goes_back_nor_past_the_end(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    for _ in range(3):
        post(ada, lobby)
    for seq, expected in ((2, 2), (1, 2), (0, 2), (10**15, 3), (3, 3)):
        members.mark_read(actor=bob, room_id=lobby.pk, seq=seq)
        assert _read(lobby, bob) == expected


def test_a_read_mark_ticks_no_clock(ada: User, bob: User, lobby: Room, post: Post) -> None:
    post(ada, lobby)
    before = fresh(lobby).revision
    members.mark_read(actor=bob, room_id=lobby.pk, seq=1)
    assert fresh(lobby).revision == before


def test_of_the_outsider_nothing_is_remembered(
    ada: User, eve: User, mallory: User, lobby: Room, cellar: Room, post: Post
) -> None:
    post(ada, lobby)
    for room_id in (lobby.pk, cellar.pk, 404):
        members.mark_read(actor=eve, room_id=room_id, seq=1)
    assert not Membership.objects.filter(user=eve).exists()
    with pytest.raises(errors.SignInError):
        members.mark_read(actor=mallory, room_id=lobby.pk, seq=1)


def test_unread_is_a_subtraction(ada: User, bob: User, lobby: Room, post: Post) -> None:
    for _ in range(3):
        post(ada, lobby)
    members.mark_read(actor=bob, room_id=lobby.pk, seq=1)
    assert fresh(lobby).last_seq - _read(lobby, bob) == 2
    assert fresh(lobby).last_seq - _read(lobby, ada) == 0


def test_nobody_is_a_member_twice(bob: User, lobby: Room) -> None:
    assert members.join_room(actor=bob, room_id=lobby.pk).user == bob
    let_in_again = pytest.raises(Exception, match="UNIQUE|unique")
    with let_in_again:
        let_in(lobby, bob)
