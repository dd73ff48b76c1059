"""A post that waits has no place, no tick and no reader but its author and the moderators."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chat import errors
from chat.actions import messages, rooms, sanctions
from chat.actions.held_posts import approve_post, hear_held, reject_post
from chat.actions.room_switches import set_approve_first
from chat.models import HeldPost, Membership, Message, Room, User
from chat.post_intents import PostIntent
from chat.posting import commit_posts
from chat.protocol import HeldMark, Mark
from chat.standing import store_now
from chat.verifying import find_damage
from tests.conftest import Post, fresh, new_nonce
from tests.moderation.conftest import at_once, codes, entries

NONCE = "held-nonce"


@pytest.fixture
def strict(ada: User, lobby: Room) -> Room:
    """The lobby, in which everybody's posts wait."""
    set_approve_first(actor=ada, room_id=lobby.pk, approve_first="everyone")
    return fresh(lobby)


def say(author: User, room: Room, body: str = "Hello.", nonce: str = "") -> Mark | HeldMark:
    return messages.post_message(
        actor=author, room_id=room.pk, nonce=nonce or new_nonce(), body=body
    )


def held(author: User, room: Room, body: str = "Hello.", nonce: str = "") -> int:
    """Post where it waits; return the id of the held post."""
    mark = say(author, room, body, nonce)
    assert isinstance(mark, HeldMark)
    return mark.id


@pytest.mark.parametrize(
    ("approve_first", "waiting"),
    [
        ("nobody", ""),
        ("guests", "guest"),
        ("newcomers", "guest newcomer"),
        ("everyone", "guest newcomer member"),
    ],
)
def test_a_room_says_whose_posts_wait(
    approve_first: str, waiting: str, ada: User, bob: User, carol: User, eve: User, grace: User,
    lobby: Room,
) -> None:  # fmt: skip
    User.objects.filter(pk=bob.pk).update(date_joined=store_now() - timedelta(days=30))
    Membership.log.create(room=lobby, user=eve)
    set_approve_first(actor=ada, room_id=lobby.pk, approve_first=approve_first)
    for who, person in (("guest", grace), ("newcomer", eve), ("member", bob)):
        assert isinstance(say(person, lobby), HeldMark) is (who in waiting.split())
    for leader in (ada, carol):
        assert isinstance(say(leader, lobby), Mark)
    causes = {"guest": "guest", "newcomer": "newcomer", "member": "room"}
    wanted = [causes[who] for who in waiting.split()]
    if approve_first == "everyone":
        wanted = ["room"] * 3
    assert list(HeldPost.objects.values_list("cause", flat=True)) == wanted


def test_what_waits_takes_no_place_and_burns_no_revision(bob: User, strict: Room) -> None:
    held(bob, strict)
    after = fresh(strict)
    assert (after.revision, after.last_seq) == (strict.revision, 0)
    assert not Message.objects.exists()


def test_a_retry_of_what_waits_is_the_same_and_another_text_a_conflict(
    bob: User, strict: Room, cellar: Room
) -> None:
    first = held(bob, strict, "Hello.", NONCE)
    assert held(bob, strict, "Hello.", NONCE) == first
    for room, body in ((strict, "Other."), (cellar, "Hello.")):
        with pytest.raises(errors.NonceConflictError):
            say(bob, room, body, NONCE)
    assert HeldPost.objects.count() == 1


def test_within_one_batch_too(bob: User, strict: Room, cellar: Room) -> None:
    one, again, other, there = commit_posts(
        [
            PostIntent(bob.pk, room.pk, NONCE, body)
            for room, body in (
                (strict, "Hello."), (strict, "Hello."), (strict, "Other."), (cellar, "Hello."),
            )
        ]
    )  # fmt: skip
    assert isinstance(one, HeldMark)
    assert one == again
    assert isinstance(other, errors.NonceConflictError)
    assert isinstance(there, errors.NonceConflictError)


def test_approving_gives_the_next_places_in_the_order_of_approving(
    ada: User, bob: User, strict: Room
) -> None:
    first, second = held(bob, strict, "First"), held(bob, strict, "Second", NONCE)
    say(ada, strict, "Between")
    marks = [approve_post(actor=ada, held_id=held_id) for held_id in (second, first)]
    assert [mark.seq for mark in marks] == [2, 3]
    assert [m.body for m in Message.objects.order_by("seq")] == ["Between", "Second", "First"]
    assert say(bob, strict, "Second", NONCE) == marks[0]
    with pytest.raises(errors.NonceConflictError):
        say(bob, strict, "Other", NONCE)
    assert [(e.target, e.message.body) for e in entries(verb="approve_post")] == [
        (bob, "Second"), (bob, "First"),
    ]  # fmt: skip
    assert list(find_damage()) == []


def test_what_was_rejected_stays_so_and_its_author_reads_why(
    ada: User, bob: User, eve: User, strict: Room
) -> None:
    held_id = held(bob, strict, "Buy!", NONCE)
    reject_post(actor=ada, held_id=held_id, reason="No advertising")
    with pytest.raises(errors.RejectedError):
        say(bob, strict, "Buy!", NONCE)
    with pytest.raises(errors.NonceConflictError):
        say(bob, strict, "Buy more!", NONCE)
    for act in (approve_post, reject_post):
        with pytest.raises(errors.DecidedError):
            act(actor=ada, held_id=held_id)
    with pytest.raises(errors.NotFoundError):
        hear_held(actor=eve, held_id=held_id)
    hear_held(actor=bob, held_id=held_id)
    [entry] = entries(verb="reject_post")
    assert (entry.actor, entry.target, entry.reason) == (ada, bob, "No advertising")
    assert (fresh(strict).last_seq, list(find_damage())) == (0, [])


def test_only_who_leads_the_room_lets_in(
    bob: User, eve: User, carol: User, ada: User, cellar: Room
) -> None:
    set_approve_first(actor=ada, room_id=cellar.pk, approve_first="everyone")
    held_id = held(bob, cellar)
    for act in (approve_post, reject_post):
        with pytest.raises(errors.ForbiddenError):
            act(actor=bob, held_id=held_id)
        for missing in (held_id, 404):
            with pytest.raises(errors.NotFoundError):
                act(actor=eve, held_id=missing)
    sanctions.ban(actor=ada, user_id=carol.pk, room_id=cellar.pk)
    with pytest.raises(errors.NotFoundError):
        approve_post(actor=carol, held_id=held_id)


def test_an_author_who_was_banned_meanwhile_is_not_let_in_by_a_late_click(
    ada: User, bob: User, strict: Room
) -> None:
    held_id = held(bob, strict)
    ban = sanctions.ban(actor=ada, user_id=bob.pk, room_id=strict.pk)
    with pytest.raises(errors.ForbiddenError, match="forbidden"):
        approve_post(actor=ada, held_id=held_id)
    assert HeldPost.objects.get().status == "waiting"
    sanctions.lift(actor=ada, sanction_id=ban.pk)
    assert approve_post(actor=ada, held_id=held_id).seq == 1


def test_an_author_who_was_switched_off_meanwhile_neither(
    ada: User, bob: User, strict: Room
) -> None:
    held_id = held(bob, strict)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(errors.ForbiddenError):
        approve_post(actor=ada, held_id=held_id)
    reject_post(actor=ada, held_id=held_id)


def test_nothing_is_let_into_an_archived_room(ada: User, bob: User, strict: Room) -> None:
    held_id = held(bob, strict)
    rooms.archive_room(actor=ada, room_id=strict.pk)
    with pytest.raises(errors.ArchivedError):
        approve_post(actor=ada, held_id=held_id)
    assert fresh(strict).last_seq == 0


def test_who_had_read_everything_has_read_their_own_post_too(
    ada: User, bob: User, strict: Room
) -> None:
    approve_post(actor=ada, held_id=held(bob, strict))
    assert Membership.objects.get(room=strict, user=bob).last_read_seq == 1
    say(ada, strict)
    approve_post(actor=ada, held_id=held(bob, strict))
    assert Membership.objects.get(room=strict, user=bob).last_read_seq == 1


def test_what_was_approved_is_not_changed_into_what_never_would_have_been(
    ada: User, bob: User, carol: User, strict: Room
) -> None:
    mark = approve_post(actor=ada, held_id=held(bob, strict, "Harmless"))
    with pytest.raises(errors.NeedsApprovalError):
        messages.edit_message(actor=bob, message_id=mark.id, body="Harmful")
    assert Message.objects.get().body == "Harmless"
    own = say(carol, strict, "A moderator's")
    assert messages.edit_message(actor=carol, message_id=own.id, body="Changed").seq == own.seq  # type: ignore[union-attr]


def test_what_waits_goes_on_waiting_when_the_room_is_opened(
    ada: User, bob: User, strict: Room
) -> None:
    held_id = held(bob, strict)
    set_approve_first(actor=ada, room_id=strict.pk, approve_first="nobody")
    assert isinstance(say(bob, strict), Mark)
    assert approve_post(actor=ada, held_id=held_id).seq == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_moderators_at_once_one_acts_and_the_other_is_told(
    ada: User, bob: User, carol: User, strict: Room
) -> None:
    for act in (approve_post, reject_post):
        held_id = held(bob, strict)
        outcomes = at_once(
            lambda held_id=held_id: approve_post(actor=ada, held_id=held_id),
            lambda held_id=held_id, act=act: act(actor=carol, held_id=held_id),
        )
        assert codes(outcomes) == ["decided", "done"]
    assert list(find_damage()) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_approved_at_once_has_a_place_each_beside_what_is_posted(
    ada: User, bob: User, carol: User, strict: Room
) -> None:
    waiting = [held(bob, strict, f"{n}") for n in range(12)]
    outcomes = at_once(
        *(
            lambda held_id=held_id, actor=actor: approve_post(actor=actor, held_id=held_id)
            for held_id, actor in zip(waiting, (ada, carol) * 6, strict=True)
        ),
        *(lambda actor=actor: say(actor, strict) for actor in (ada, carol) * 3),
    )
    assert codes(outcomes) == ["done"] * 18
    assert sorted(Message.objects.values_list("seq", flat=True)) == list(range(1, 19))
    assert list(find_damage()) == []


@pytest.mark.django_db(transaction=True)
def test_a_retry_that_races_the_approval_is_answered_as_what_it_is(
    ada: User, bob: User, strict: Room
) -> None:
    for n in range(6):
        nonce = new_nonce()
        held_id = held(bob, strict, "Hello.", nonce)
        outcomes = at_once(
            lambda held_id=held_id: approve_post(actor=ada, held_id=held_id),
            lambda nonce=nonce: say(bob, strict, "Hello.", nonce),
        )
        assert codes(outcomes) == ["done"] * 2
        assert Message.objects.count() == n + 1
    assert list(find_damage()) == []


def test_an_intent_that_became_a_message_elsewhere_is_told_as_a_conflict(
    ada: User, bob: User, strict: Room, cellar: Room, post: Post
) -> None:
    """Two processes took it for two rooms at the very same time."""
    held_id = held(bob, strict, "Hello.")
    message = post(bob, cellar, "Hello.")
    HeldPost.log.filter(pk=held_id).update(nonce=message.nonce)
    assert list(find_damage()) == [f"Held post {held_id} is a message already."]
    with pytest.raises(errors.NonceConflictError):
        approve_post(actor=ada, held_id=held_id)
    assert fresh(strict).last_seq == 0
