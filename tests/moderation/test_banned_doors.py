"""Banned from a room, bob finds none of its doors open; banned from the site, no door at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chat import errors, policy
from chat.actions import (
    held_posts,
    members,
    messages,
    pins,
    redaction,
    reports,
    room_switches,
    rooms,
    sanctions,
)
from chat.actions.sanctions import ban
from chat.grants import read_entries, read_grants
from chat.models import Membership, Message, Room, User
from tests.conftest import PASSWORD, Post, fresh, new_nonce

Act = Callable[[User, Room, Message], Any]

# What a member, and one who moderated until a moment ago, can try in a private room.
TRIES: dict[str, tuple[Act, type[errors.ChatError]]] = {
    "read": (lambda bob, room, _: policy.access_room(bob, room.pk), errors.BannedError),
    "join": (
        lambda bob, room, _: members.join_room(actor=bob, room_id=room.pk),
        errors.BannedError,
    ),
    "post": (
        lambda bob, room, _: messages.post_message(
            actor=bob, room_id=room.pk, nonce=new_nonce(), body="Hello."
        ),
        errors.BannedError,
    ),
    "edit": (
        lambda bob, _, mine: messages.edit_message(actor=bob, message_id=mine.pk, body="Ha."),
        errors.NotFoundError,
    ),
    "redact": (
        lambda bob, _, mine: redaction.redact_messages(actor=bob, message_ids=[mine.pk]),
        errors.NotFoundError,
    ),
    "restore": (
        lambda bob, _, mine: redaction.restore_messages(actor=bob, message_ids=[mine.pk]),
        errors.NotFoundError,
    ),
    "report": (
        lambda bob, room, _: reports.report_message(
            actor=bob,
            message_id=Message.objects.exclude(author=bob).get(room=room).pk,
            reason="Rude",
        ),
        errors.NotFoundError,
    ),
    "pin": (
        lambda bob, _, mine: pins.pin_message(actor=bob, message_id=mine.pk),
        errors.NotFoundError,
    ),
    "rename": (
        lambda bob, room, _: rooms.rename_room(actor=bob, room_id=room.pk, name="Bob's"),
        errors.NotFoundError,
    ),
    "switch": (
        lambda bob, room, _: room_switches.set_room(actor=bob, room_id=room.pk, slow_mode=0),
        errors.NotFoundError,
    ),
    "ban": (
        lambda bob, room, _: sanctions.ban(
            actor=bob, user_id=User.objects.get(display_name="ada").pk, room_id=room.pk
        ),
        errors.NotFoundError,
    ),
    "role": (
        lambda bob, room, _: members.set_role(
            actor=bob, room_id=room.pk, user_id=bob.pk, role="owner"
        ),
        errors.NotFoundError,
    ),
    "approve": (
        lambda bob, _, __: held_posts.approve_post(actor=bob, held_id=404),
        errors.NotFoundError,
    ),
}


@pytest.fixture
def mine(ada: User, bob: User, cellar: Room, post: Post) -> Message:
    """What bob said while he moderated the cellar."""
    Membership.log.filter(room=cellar, user=bob).update(role="moderator")
    post(ada, cellar, "Ada's")
    return post(bob, cellar, "Bob's")


@pytest.mark.parametrize("what", TRIES)
def test_banned_from_a_room_nothing_of_it_is_left_to_try(
    what: str, ada: User, bob: User, cellar: Room, mine: Message
) -> None:
    act, refusal = TRIES[what]
    ban(actor=ada, user_id=bob.pk, room_id=cellar.pk)
    before = fresh(cellar).revision
    with pytest.raises(refusal):
        act(bob, cellar, mine)
    assert fresh(cellar).revision == before


def test_banned_from_a_room_no_list_and_no_count_has_it(
    ada: User, bob: User, lobby: Room, cellar: Room, mine: Message
) -> None:
    ban(actor=ada, user_id=bob.pk, room_id=cellar.pk)
    assert list(policy.visible_rooms(bob)) == [lobby]
    assert [m.room for m in policy.memberships_of(bob)] == [lobby]
    assert [entry["facts"]["id"] for entry in read_entries(bob.pk)] == [lobby.pk]
    assert set(read_grants([bob.pk])[bob.pk].roles) == {lobby.pk}
    assert policy.role_in(bob, cellar.pk) is None


PAGES = ["room", "history", "people", "pins", "room_settings"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_the_room_refuses_and_the_room_itself_says_why(
    name: str, ada: User, bob: User, cellar: Room, mine: Message
) -> None:
    ban(actor=ada, user_id=bob.pk, room_id=cellar.pk, reason="Enough of it")
    client = Client()
    client.force_login(bob)
    answer = client.get(reverse(f"chat:{name}", args=[cellar.pk]))
    assert answer.status_code == 403
    assert "Enough of it" in answer.content.decode()
    assert "Ada&#x27;s" not in answer.content.decode()
    assert client.get(reverse("chat:home")).status_code == 302


def test_a_ban_tells_nobody_else_that_the_room_exists(
    ada: User, bob: User, eve: User, cellar: Room
) -> None:
    ban(actor=ada, user_id=bob.pk, room_id=cellar.pk)
    with pytest.raises(errors.NotFoundError):
        policy.access_room(eve, cellar.pk)


def test_banned_from_the_site_every_page_says_why_and_signing_in_again_helps_nothing(
    bob: User, max_: User, lobby: Room
) -> None:
    client = Client()
    client.force_login(bob)
    ban(actor=max_, user_id=bob.pk, reason="Enough of it")
    paths = ["/", reverse("chat:rooms"), reverse("chat:profile"), reverse("account_signup")]
    paths += [reverse(f"chat:{name}", args=[lobby.pk]) for name in PAGES]
    for path in paths:
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 403)
        assert "Enough of it" in answer.content.decode()
    assert client.post(reverse("chat:join_room", args=[lobby.pk])).status_code == 403
    client = Client()
    form = {"login": "bob", "password": PASSWORD}
    client.post(reverse("account_login"), form)
    answer = client.get(reverse("chat:rooms"))
    assert answer.status_code == 403
    assert "Enough of it" in answer.content.decode()


def test_a_post_by_a_window_that_is_still_open_is_refused_too(
    bob: User, max_: User, lobby: Room, post: Post
) -> None:
    """Its socket knows bob as he was when it was opened."""
    ban(actor=max_, user_id=bob.pk)
    with pytest.raises(errors.BannedError):
        post(bob, lobby)
    assert fresh(lobby).last_seq == 0
