"""Mute, ban, kick, lift: where, for how long, in place of which, and told to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from chat import errors, policy
from chat.actions import members, rooms, sanctions
from chat.models import Membership, Room, Sanction, User
from chat.standing import standing_of, store_now
from tests.conftest import Post, fresh
from tests.moderation.conftest import at_once, codes, entries
from tests.store.conftest import Rung

HOUR = timedelta(hours=1)


def over(sanction: Sanction) -> None:
    """Let a sanction's term have ended just now."""
    Sanction.log.filter(pk=sanction.pk).update(expires_at=store_now() - timedelta(seconds=2))


def test_who_is_muted_reads_on_and_is_told_how_long_and_why(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk, term=HOUR, reason="Too loud")
    assert policy.access_room(bob, lobby.pk) == lobby
    with pytest.raises(errors.MutedError) as refused:
        post(bob, lobby)
    assert "1\xa0hour." in refused.value.text
    assert "Too loud" in refused.value.text
    assert fresh(lobby).last_seq == 0


def test_a_mute_in_a_room_leaves_the_other_rooms_alone_and_one_on_the_site_none(
    ada: User, bob: User, max_: User, lobby: Room, cellar: Room, post: Post
) -> None:
    sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    assert post(bob, cellar).seq == 1
    sanctions.mute(actor=max_, user_id=bob.pk)
    with pytest.raises(errors.MutedError):
        post(bob, cellar)


def test_a_ban_lets_nobody_in_by_any_door_until_it_is_over(
    ada: User, bob: User, lobby: Room, cellar: Room, post: Post
) -> None:
    message = post(bob, cellar)
    ban = sanctions.ban(actor=ada, user_id=bob.pk, room_id=cellar.pk, term=HOUR, reason="Enough")
    with pytest.raises(errors.BannedError, match="banned"):
        policy.access_room(bob, cellar.pk)
    with pytest.raises(errors.BannedError) as refused:
        post(bob, cellar)
    assert "Enough" in refused.value.text
    with pytest.raises(errors.NotFoundError):
        policy.access_message(bob, message.pk)
    assert post(bob, lobby).seq == 1
    over(ban)
    assert policy.access_room(bob, cellar.pk) == cellar
    assert post(bob, cellar).seq == 2


def test_a_ban_from_the_site_makes_somebody_nobody(bob: User, max_: User, lobby: Room) -> None:
    ban = sanctions.ban(actor=max_, user_id=bob.pk, term=HOUR)
    assert not policy.actor_now(bob.pk).is_authenticated
    over(ban)
    assert policy.actor_now(bob.pk) == bob


def test_whoever_was_banned_cannot_join_again(ada: User, eve: User, lobby: Room) -> None:
    members.join_room(actor=eve, room_id=lobby.pk)
    sanctions.ban(actor=ada, user_id=eve.pk, room_id=lobby.pk)
    members.leave_room(actor=eve, room_id=lobby.pk)
    with pytest.raises(errors.BannedError):
        members.join_room(actor=eve, room_id=lobby.pk)


def test_a_term_is_measured_by_the_clock_of_the_database(
    ada: User, bob: User, lobby: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is a day ahead lets nobody in early, and keeps nobody out late."""
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    mute = sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk, term=HOUR)
    assert mute.expires_at is not None
    assert abs(mute.expires_at - datetime.now(UTC) - HOUR) < timedelta(minutes=1)
    with pytest.raises(errors.MutedError):
        post(bob, lobby)


def test_a_term_that_is_over_before_it_begins_is_refused(ada: User, bob: User, lobby: Room) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    about = {"actor": ada, "user_id": bob.pk, "room_id": lobby.pk}
    for kinds in ({"until": yesterday}, {"term": timedelta(0)}, {"term": timedelta.max}):
        with pytest.raises(errors.BadFieldError):
            sanctions.mute(**about, **kinds)  # type: ignore[arg-type]
    assert not Sanction.objects.exists()


def test_a_new_one_takes_the_place_of_the_one_before(ada: User, bob: User, lobby: Room) -> None:
    first = sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk, term=HOUR)
    second = sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    assert fresh(first).lifted_by == ada
    assert standing_of(bob.pk).mutes == {lobby.pk: standing_of(bob.pk).mute_in(lobby.pk)}
    assert standing_of(bob.pk).mutes[lobby.pk].pk == second.pk


def test_what_ended_by_itself_was_not_lifted_by_whoever_comes_after(
    ada: User, bob: User, lobby: Room
) -> None:
    first = sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk, term=HOUR)
    over(first)
    sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk, term=HOUR)
    assert fresh(first).lifted_by is None


def test_of_two_mutes_the_one_that_lasts_longer_is_told(
    ada: User, bob: User, max_: User, lobby: Room
) -> None:
    sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk, term=HOUR)
    for_ever = sanctions.mute(actor=max_, user_id=bob.pk)
    told = standing_of(bob.pk).mute_in(lobby.pk)
    assert told is not None
    assert told.pk == for_ever.pk


def test_what_is_lifted_is_over_and_lifting_it_twice_is_said(
    ada: User, bob: User, carol: User, lobby: Room, post: Post
) -> None:
    mute = sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    sanctions.lift(actor=carol, sanction_id=mute.pk, reason="He is sorry")
    assert post(bob, lobby).seq == 1
    with pytest.raises(errors.DecidedError):
        sanctions.lift(actor=ada, sanction_id=mute.pk)
    [entry] = entries(verb="lift")
    assert (entry.actor, entry.target, entry.reason) == (carol, bob, "He is sorry")


def test_what_is_over_by_itself_cannot_be_lifted(ada: User, bob: User, lobby: Room) -> None:
    mute = sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk, term=HOUR)
    over(mute)
    with pytest.raises(errors.DecidedError):
        sanctions.lift(actor=ada, sanction_id=mute.pk)
    kick = sanctions.kick(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    with pytest.raises(errors.DecidedError):
        sanctions.lift(actor=ada, sanction_id=kick.pk)


def test_whoever_was_kicked_is_out_and_may_return(
    ada: User, bob: User, eve: User, lobby: Room, cellar: Room
) -> None:
    kick = sanctions.kick(actor=ada, user_id=bob.pk, room_id=lobby.pk, reason="Cool down")
    assert isinstance(kick.expires_at, datetime)
    assert fresh(lobby).member_count == 1
    assert members.join_room(actor=bob, room_id=lobby.pk).role == "member"
    # Who only reads an open room is put out of it too; of a private one nobody is a reader.
    sanctions.kick(actor=ada, user_id=eve.pk, room_id=lobby.pk)
    with pytest.raises(errors.NotFoundError):
        sanctions.kick(actor=ada, user_id=eve.pk, room_id=cellar.pk)


def test_a_kick_from_the_site_ends_all_sessions(bob: User, max_: User) -> None:
    sanctions.kick(actor=max_, user_id=bob.pk)
    assert fresh(bob).session_generation == bob.session_generation + 1
    assert policy.actor_now(bob.pk) == bob


def test_a_moderator_who_is_banned_comes_back_as_a_member_and_windows_hear_of_it(
    ada: User, carol: User, lobby: Room, rung: Rung
) -> None:
    before = fresh(lobby).revision
    rung.clear()
    ban = sanctions.ban(actor=ada, user_id=carol.pk, room_id=lobby.pk, term=HOUR)
    assert Membership.objects.get(room=lobby, user=carol).role == "member"
    assert fresh(lobby).revision == before + 1
    over(ban)
    assert policy.role_in(carol, lobby.pk) == "member"


def test_a_ban_that_takes_no_role_burns_no_revision(ada: User, bob: User, lobby: Room) -> None:
    before = fresh(lobby).revision
    sanctions.ban(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    assert fresh(lobby).revision == before


def test_each_has_exactly_one_entry_with_actor_target_reason_and_term(
    ada: User, bob: User, lobby: Room
) -> None:
    about = {"actor": ada, "user_id": bob.pk, "room_id": lobby.pk, "reason": "Loud"}
    mute = sanctions.mute(**about, term=HOUR)  # type: ignore[arg-type]
    ban = sanctions.ban(**about, note="Third time")  # type: ignore[arg-type]
    kick = sanctions.kick(**about)  # type: ignore[arg-type]
    for sanction, term in ((mute, " UTC"), (ban, "for ever"), (kick, "")):
        [entry] = entries(action_id=sanction.action_id)
        assert (entry.actor, entry.target, entry.room) == (ada, bob, lobby)
        assert (entry.verb, entry.reason) == (sanction.kind, "Loud")
        assert entry.details.endswith(term)


def test_the_private_note_is_in_nothing_that_the_person_is_told(
    ada: User, bob: User, lobby: Room
) -> None:
    sanctions.ban(actor=ada, user_id=bob.pk, room_id=lobby.pk, reason="Loud", note="Third time")
    ban = standing_of(bob.pk).bans[lobby.pk]
    with translation.override("en"):
        assert ban.refusal.text == "You are banned from this room, for ever. Reason: Loud"


def test_a_minute_and_less_is_not_told_as_none(ada: User, bob: User, lobby: Room) -> None:
    sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk, term=timedelta(seconds=20))
    mute = standing_of(bob.pk).mutes[lobby.pk]
    assert "1\xa0minute" in mute.refusal.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["room", "site"])
def test_moderators_who_mute_the_same_person_at_once_leave_one_mute(
    where: str, bob: User, max_: User, olga: User, lobby: Room
) -> None:
    room_id = lobby.pk if where == "room" else None
    outcomes = at_once(
        *(
            lambda actor=actor: sanctions.mute(actor=actor, user_id=bob.pk, room_id=room_id)
            for actor in (max_, olga) * 5
        )
    )
    assert codes(outcomes) == ["done"] * 10
    assert Sanction.objects.filter(lifted_at=None).count() == 1
    assert len(entries(verb="mute")) == 10


@pytest.mark.django_db(transaction=True)
def test_of_two_who_lift_at_once_one_does_and_the_other_is_told(
    ada: User, bob: User, carol: User, lobby: Room
) -> None:
    ban = sanctions.ban(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    outcomes = at_once(
        lambda: sanctions.lift(actor=ada, sanction_id=ban.pk),
        lambda: sanctions.lift(actor=carol, sanction_id=ban.pk),
    )
    assert codes(outcomes) == ["decided", "done"]
    assert len(entries(verb="lift")) == 1


def test_nobody_is_sanctioned_in_a_room_that_is_not_there(bob: User, max_: User) -> None:
    with pytest.raises(errors.NotFoundError):
        sanctions.ban(actor=max_, user_id=bob.pk, room_id=404)
    with pytest.raises(errors.NotFoundError):
        sanctions.ban(actor=max_, user_id=404)
    with pytest.raises(errors.NotFoundError):
        sanctions.lift(actor=max_, sanction_id=404)


def test_a_room_of_others_says_nothing_of_itself(bob: User, eve: User, cellar: Room) -> None:
    rooms.create_room(actor=eve, name="Eve's own")
    with pytest.raises(errors.NotFoundError):
        sanctions.ban(actor=eve, user_id=bob.pk, room_id=cellar.pk)
