"""Who may post, how often, and at which level of the site; a batch is judged post by post."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from chat import errors, posting
from chat.actions import members, messages, rooms, sanctions
from chat.actions.room_switches import set_posting, set_room, set_slow_mode
from chat.actions.site_level import set_level
from chat.models import HeldPost, Membership, Message, Room, User
from chat.post_intents import PostIntent
from chat.posting import commit_posts
from chat.protocol import HeldMark, Mark
from chat.read_marks import ReadIntent, commit_reads
from chat.standing import standing_of, store_now
from chat.verifying import find_damage
from tests.conftest import Post, fresh, let_in, new_nonce
from tests.moderation.conftest import at_once, codes, entries


def intent(author: User, room: Room, body: str = "Hello.", nonce: str = "") -> PostIntent:
    return PostIntent(author.pk, room.pk, nonce or new_nonce(), body)


def posted(author: User, room: Room, seconds_ago: float) -> None:
    """Let somebody have posted so long ago; in the future, where it is less than none."""
    at = store_now() - timedelta(seconds=seconds_ago)
    Membership.log.filter(room=room, user=author).update(last_posted_at=at)


# --- Slow mode --------------------------------------------------------------------------------


def test_slow_mode_lets_a_member_post_once_in_its_time(
    ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    set_slow_mode(actor=ada, room_id=lobby.pk, seconds=60)
    members.join_room(actor=eve, room_id=lobby.pk)
    assert post(bob, lobby).seq == 1
    assert post(eve, lobby).seq == 2
    with pytest.raises(errors.SlowModeError) as refused:
        post(bob, lobby)
    assert refused.value.retry_after is not None
    assert 55 < refused.value.retry_after <= 60
    posted(bob, lobby, seconds_ago=60)
    assert post(bob, lobby).seq == 3


def test_who_leads_does_not_wait(
    ada: User, carol: User, max_: User, lobby: Room, post: Post
) -> None:
    set_slow_mode(actor=ada, room_id=lobby.pk, seconds=60)
    let_in(lobby, max_)
    for person in (ada, carol, max_):
        assert post(person, lobby).seq < post(person, lobby).seq


def test_of_several_posts_in_one_batch_slow_mode_takes_the_first(
    ada: User, bob: User, lobby: Room, cellar: Room
) -> None:
    set_slow_mode(actor=ada, room_id=lobby.pk, seconds=60)
    first, second, elsewhere, of_ada = commit_posts(
        [intent(bob, lobby), intent(bob, lobby), intent(bob, cellar), intent(ada, lobby)]
    )
    assert isinstance(second, errors.SlowModeError)
    assert all(isinstance(mark, Mark) for mark in (first, elsewhere, of_ada))
    assert list(find_damage()) == []


def test_a_retry_is_answered_however_slow_the_room_is(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    set_slow_mode(actor=ada, room_id=lobby.pk, seconds=60)
    nonce = new_nonce()
    assert post(bob, lobby, nonce=nonce) == post(bob, lobby, nonce=nonce)


def test_a_clock_that_was_set_back_keeps_nobody_out(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    set_slow_mode(actor=ada, room_id=lobby.pk, seconds=60)
    posted(bob, lobby, seconds_ago=-3600)
    assert post(bob, lobby).seq == 1
    with pytest.raises(errors.SlowModeError):
        post(bob, lobby)


def test_slow_mode_is_measured_by_the_clock_of_the_database(
    ada: User, bob: User, lobby: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_slow_mode(actor=ada, room_id=lobby.pk, seconds=60)
    post(bob, lobby)
    tomorrow = datetime.now().astimezone() + timedelta(days=1)
    monkeypatch.setattr(posting.timezone, "now", lambda: tomorrow)
    with pytest.raises(errors.SlowModeError):
        post(bob, lobby)


def test_what_is_refused_costs_no_time_and_what_waits_does(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    set_room(actor=ada, room_id=lobby.pk, slow_mode=60, approve_first="everyone")
    sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    [refused] = commit_posts([intent(bob, lobby)])
    assert isinstance(refused, errors.MutedError)
    assert Membership.objects.get(room=lobby, user=bob).last_posted_at is None
    sanctions.kick(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    members.join_room(actor=bob, room_id=lobby.pk)
    sanctions.lift(actor=ada, sanction_id=standing_of(bob.pk).mutes[lobby.pk].pk)
    waits, too_soon = commit_posts([intent(bob, lobby), intent(bob, lobby)])
    assert isinstance(waits, HeldMark)
    assert isinstance(too_soon, errors.SlowModeError)


def test_slow_mode_has_bounds(ada: User, lobby: Room) -> None:
    for seconds in (-1, 6 * 3600 + 1):
        with pytest.raises(errors.BadFieldError):
            set_slow_mode(actor=ada, room_id=lobby.pk, seconds=seconds)
    set_slow_mode(actor=ada, room_id=lobby.pk, seconds=6 * 3600)
    assert fresh(lobby).slow_mode_s == 6 * 3600


@pytest.mark.django_db(transaction=True)
def test_posts_and_read_marks_of_several_processes_do_not_wait_for_each_other(
    ada: User, bob: User, carol: User, lobby: Room, cellar: Room
) -> None:
    for room in (lobby, cellar):
        set_slow_mode(actor=ada, room_id=room.pk, seconds=1)
    people = [ada, bob, carol]

    def talk() -> None:
        for _ in range(10):
            commit_posts([intent(person, room) for person in people for room in (cellar, lobby)])

    def read() -> None:
        for _ in range(30):
            commit_reads([ReadIntent(p.pk, r.pk, 10**6) for p in people for r in (lobby, cellar)])

    assert codes(at_once(talk, read, talk, read)) == ["done"] * 4
    assert list(find_damage()) == []


# --- Who may post, and levels -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posting_to", "guest", "member"),
    [
        ("everyone", None, None),
        ("members", errors.MembersOnlyError, None),
        ("moderators", errors.ModeratorsOnlyError, errors.ModeratorsOnlyError),
    ],
)
def test_a_room_says_who_may_post(
    posting_to: str, guest: Any, member: Any, ada: User, bob: User, grace: User, lobby: Room
) -> None:
    set_posting(actor=ada, room_id=lobby.pk, posting=posting_to)
    of_guest, of_member, of_owner = commit_posts(
        [intent(person, lobby) for person in (grace, bob, ada)]
    )
    assert type(of_guest) is (guest or Mark)
    assert type(of_member) is (member or Mark)
    assert isinstance(of_owner, Mark)


@pytest.mark.parametrize(
    ("level", "guest", "newcomer", "member", "owner", "staff"),
    [
        ("normal", Mark, Mark, Mark, Mark, Mark),
        ("members", errors.MembersOnlyError, Mark, Mark, Mark, Mark),
        ("approve_first", HeldMark, HeldMark, Mark, Mark, Mark),
        ("read_only", *[errors.SiteReadOnlyError] * 4, Mark),
    ],
)
def test_the_site_s_level_holds_for_the_next_post_in_every_room(
    level: str, guest: Any, newcomer: Any, member: Any, owner: Any, staff: Any,
    ada: User, bob: User, eve: User, grace: User, max_: User, lobby: Room,
) -> None:  # fmt: skip
    long_ago = store_now() - timedelta(days=30)
    User.objects.filter(pk__in=[ada.pk, bob.pk]).update(date_joined=long_ago)
    for person in (eve, max_):
        let_in(lobby, person)
    set_level(actor=max_, level=level, reason="A raid")
    outcomes = commit_posts([intent(person, lobby) for person in (grace, eve, bob, ada, max_)])
    assert [type(outcome) for outcome in outcomes] == [guest, newcomer, member, owner, staff]
    if level != "normal":
        [entry] = entries(verb="set_level")
        assert (entry.actor, entry.details, entry.reason) == (max_, level, "A raid")


def test_only_who_moderates_the_site_sets_its_level(ada: User, max_: User) -> None:
    with pytest.raises(errors.ForbiddenError):
        set_level(actor=ada, level="read_only")
    with pytest.raises(errors.BadFieldError):
        set_level(actor=max_, level="war")
    set_level(actor=max_, level="normal")
    assert entries(verb="set_level") == []


def test_levels_and_switches_hold_for_edits_too(
    ada: User, bob: User, max_: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    set_level(actor=max_, level="read_only")
    with pytest.raises(errors.SiteReadOnlyError):
        messages.edit_message(actor=bob, message_id=message.pk, body="Ha.")
    set_level(actor=max_, level="normal")
    set_posting(actor=ada, room_id=lobby.pk, posting="moderators")
    with pytest.raises(errors.ModeratorsOnlyError):
        messages.edit_message(actor=bob, message_id=message.pk, body="Ha.")


# --- Archive and switches -----------------------------------------------------------------------


def test_an_archived_room_is_read_only_for_everybody(
    ada: User, bob: User, max_: User, lobby: Room
) -> None:
    let_in(lobby, max_)
    rooms.archive_room(actor=ada, room_id=lobby.pk)
    for outcome in commit_posts([intent(person, lobby) for person in (ada, bob, max_)]):
        assert isinstance(outcome, errors.ArchivedError)


def test_several_switches_in_one_click_share_an_action_id_and_have_an_entry_each(
    ada: User, bob: User, lobby: Room
) -> None:
    set_room(
        actor=ada, room_id=lobby.pk, slow_mode=30, posting="members", archived=True, reason="Calm"
    )
    done = entries(room=lobby)
    assert [(e.verb, e.details) for e in done] == [
        ("set_slow_mode", "30"), ("set_posting", "members"), ("archive_room", ""),
    ]  # fmt: skip
    assert len({e.action_id for e in done}) == 1
    assert {(e.actor, e.reason) for e in done} == {(ada, "Calm")}
    before = fresh(lobby).revision
    set_room(actor=ada, room_id=lobby.pk, slow_mode=30, posting="members", archived=True)
    assert (fresh(lobby).revision, len(entries(room=lobby))) == (before, 3)
    with pytest.raises(errors.ForbiddenError):
        set_room(actor=bob, room_id=lobby.pk, slow_mode=0)


def test_of_several_switches_all_hold_or_none(ada: User, lobby: Room) -> None:
    with pytest.raises(errors.BadFieldError):
        set_room(actor=ada, room_id=lobby.pk, slow_mode=30, posting="nobody at all")
    assert (fresh(lobby).slow_mode_s, entries(room=lobby)) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_a_room_archived_twice_at_once_is_archived_once(
    ada: User, carol: User, lobby: Room
) -> None:
    archive = [
        lambda actor=actor: rooms.archive_room(actor=actor, room_id=lobby.pk)
        for actor in (ada, carol, ada, carol)
    ]
    assert codes(at_once(*archive)) == ["done"] * 4
    assert len(entries(verb="archive_room")) == 1


# --- The batch ------------------------------------------------------------------------------------


def test_one_bad_post_of_each_kind_does_not_fail_its_batch(
    ada: User, bob: User, eve: User, grace: User, mallory: User, lobby: Room, cellar: Room
) -> None:
    set_posting(actor=ada, room_id=lobby.pk, posting="members")
    let_in(lobby, mallory)
    sanctions.mute(actor=ada, user_id=bob.pk, room_id=cellar.pk)
    outcomes = commit_posts(
        [
            intent(bob, lobby),
            intent(mallory, lobby),
            intent(grace, lobby),
            intent(eve, lobby),
            intent(eve, cellar),
            intent(bob, cellar),
            intent(ada, cellar),
        ]
    )
    assert [type(outcome) for outcome in outcomes] == [
        Mark, errors.SignInError, errors.MembersOnlyError, errors.NotAMemberError,
        errors.NotFoundError, errors.MutedError, Mark,
    ]  # fmt: skip
    assert (fresh(lobby).last_seq, fresh(cellar).last_seq) == (1, 1)
    assert list(find_damage()) == []


@pytest.mark.django_db(transaction=True)
def test_a_nonce_that_another_process_stored_meanwhile_fails_nobody_beside_it(
    ada: User, bob: User, lobby: Room, cellar: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is held in the cellar, unseen by the look for known nonces; the batch is split."""
    nonce = new_nonce()
    commit_posts([intent(bob, cellar, nonce=nonce)])
    real, looks = posting.post_rows.read_known, []

    def blind_at_first(keys: Any) -> Any:
        looks.append(keys)
        return {} if len(looks) == 1 else real(keys)

    monkeypatch.setattr(posting.post_rows, "read_known", blind_at_first)
    first, conflict, last = commit_posts(
        [intent(ada, lobby), intent(bob, lobby, nonce=nonce), intent(bob, lobby)]
    )
    assert isinstance(conflict, errors.NonceConflictError)
    assert isinstance(first, Mark)
    assert isinstance(last, Mark)
    assert Message.objects.count() == 3
    assert list(find_damage()) == []


@pytest.mark.django_db(transaction=True)
def test_a_post_that_cannot_be_stored_at_all_fails_alone(
    ada: User, bob: User, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    nonce = new_nonce()
    commit_posts([intent(bob, lobby, nonce=nonce)])
    monkeypatch.setattr(posting.post_rows, "read_known", lambda keys: {})
    good, bad, last = commit_posts(
        [intent(ada, lobby), intent(bob, lobby, nonce=nonce), intent(ada, lobby)]
    )
    assert isinstance(bad, errors.InternalError)
    assert (good.seq, last.seq) == (2, 3)  # type: ignore[union-attr]
    assert not HeldPost.objects.exists()


def test_one_s_own_posts_are_never_unread_in_slow_mode_either(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    set_slow_mode(actor=ada, room_id=lobby.pk, seconds=1)
    post(bob, lobby)
    mine = Membership.objects.get(room=lobby, user=bob)
    assert (mine.last_read_seq, mine.last_posted_at is not None) == (1, True)


def test_who_is_no_member_or_banned_learns_nothing_of_how_far_a_room_is(
    ada: User, bob: User, eve: User, lobby: Room, cellar: Room, post: Post
) -> None:
    for _ in range(3):
        post(ada, cellar)
    assert commit_reads([ReadIntent(eve.pk, cellar.pk, 10**6)]) == [None]
    assert commit_reads([ReadIntent(bob.pk, cellar.pk, 10**6)]) == [3]
    sanctions.ban(actor=ada, user_id=bob.pk, room_id=cellar.pk)
    assert commit_reads(
        [ReadIntent(bob.pk, cellar.pk, 10**6), ReadIntent(bob.pk, lobby.pk, 1)]
    ) == [None, 0]
