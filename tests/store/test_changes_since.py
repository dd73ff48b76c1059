"""Resuming: what changed since a revision, or that only a snapshot can answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat import protocol, tail
from chat.actions import members, rooms
from chat.actions.messages import edit_message
from chat.actions.redaction import redact_messages
from chat.models import Room, User
from chat.post_intents import PostIntent
from chat.posting import commit_posts
from chat.resume import changes_since, parse_cursor, read_newest_changes
from tests.conftest import Post, fresh, new_nonce


def _changes(room: Room, since: int) -> list[dict[str, Any]]:
    found = changes_since(room.pk, since)
    assert found is not None
    return [json.loads(part.text) for part in found.parts]


def _fill(room: Room, author: User, count: int) -> None:
    intents = [PostIntent(author.pk, room.pk, new_nonce(), f"Number {n}.") for n in range(count)]
    commit_posts(intents)


def test_it_is_every_message_that_changed_in_its_current_form(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    first, second, third = (post(bob, lobby, f"Number {n}.") for n in range(3))
    since = fresh(lobby).revision
    edit_message(actor=bob, message_id=second.pk, body="Second.")
    redact_messages(actor=ada, message_ids=[first.pk])
    fourth = post(ada, lobby, "Fourth.")
    changed = _changes(lobby, since)
    assert [m["id"] for m in changed] == [second.pk, first.pk, fourth.pk]
    assert [m["revision"] for m in changed] == [since + 1, since + 2, since + 3]
    assert [m["body"] for m in changed] == ["Second.", "", "Fourth."]
    assert third.pk not in {m["id"] for m in changed}


def test_a_redacted_text_is_in_no_answer_to_any_cursor(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    secret = post(bob, lobby, "The password is swordfish.")
    redact_messages(actor=ada, message_ids=[secret.pk])
    for since in range(fresh(lobby).revision + 1):
        found = changes_since(lobby.pk, since)
        assert found is not None
        assert not any("swordfish" in part.text for part in found.parts)


def test_at_the_head_nothing_changed(bob: User, lobby: Room, post: Post) -> None:
    post(bob, lobby)
    assert _changes(lobby, fresh(lobby).revision) == []


def test_facts_ride_along_only_when_they_are_newer_than_the_cursor(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    rooms.set_topic(actor=ada, room_id=lobby.pk, topic="Tea")
    at_topic = fresh(lobby).revision
    post(bob, lobby)
    before = changes_since(lobby.pk, at_topic - 1)
    after = changes_since(lobby.pk, at_topic)
    assert before is not None
    assert before.facts_json is not None
    assert json.loads(before.facts_json)["topic"] == "Tea"
    assert after is not None
    assert after.facts_json is None


@pytest.mark.parametrize("who", ["join", "leave"])
def test_the_number_of_members_is_a_fact(who: str, eve: User, lobby: Room) -> None:
    members.join_room(actor=eve, room_id=lobby.pk)
    if who == "leave":
        members.leave_room(actor=eve, room_id=lobby.pk)
    found = changes_since(lobby.pk, fresh(lobby).revision - 1)
    assert found is not None
    assert found.facts_json is not None
    assert json.loads(found.facts_json)["members"] == (3 if who == "join" else 2)


def test_ahead_of_the_head_only_a_snapshot_can_answer(lobby: Room) -> None:
    assert changes_since(lobby.pk, lobby.revision + 1) is None


def test_below_the_floor_only_a_snapshot_can_answer(bob: User, lobby: Room, post: Post) -> None:
    floor = post(bob, lobby).revision
    post(bob, lobby)
    Room.log.filter(pk=lobby.pk).update(floor=floor)
    assert changes_since(lobby.pk, floor) is not None
    assert changes_since(lobby.pk, floor - 1) is None


def test_two_thousand_changes_are_answered_and_one_more_is_not(bob: User, lobby: Room) -> None:
    since = lobby.revision
    _fill(lobby, bob, protocol.CHANGES_PER_RESUME)
    assert len(_changes(lobby, since)) == protocol.CHANGES_PER_RESUME
    _fill(lobby, bob, 1)
    assert changes_since(lobby.pk, since) is None
    assert len(_changes(lobby, since + 1)) == protocol.CHANGES_PER_RESUME


def test_edits_of_one_message_count_once_however_many(bob: User, lobby: Room, post: Post) -> None:
    message = post(bob, lobby)
    for number in range(5):
        edit_message(actor=bob, message_id=message.pk, body=f"Draft {number}.")
    [changed] = _changes(lobby, message.revision)
    assert changed["body"] == "Draft 4."


def test_frames_have_at_most_five_hundred_messages_and_follow_without_a_hole(
    ada: User, bob: User, lobby: Room
) -> None:
    since = lobby.revision
    _fill(lobby, bob, 2 * protocol.CHANGES_PER_FRAME)
    rooms.set_topic(actor=ada, room_id=lobby.pk, topic="Tea")
    found = changes_since(lobby.pk, since)
    assert found is not None
    head = found.room.revision
    texts = tail.frames(lobby.pk, since, head, found.parts, found.facts_json)
    frames = [protocol.Changes.model_validate_json(text) for text in texts]
    assert [len(frame.messages) for frame in frames] == [500, 500]
    assert [frame.since for frame in frames] == [since, frames[0].revision]
    assert frames[-1].revision == head
    assert [frame.room_facts is not None for frame in frames] == [False, True]


def test_the_newest_changes_reach_back_as_far_as_one_frame(bob: User, lobby: Room) -> None:
    _fill(lobby, bob, protocol.CHANGES_PER_FRAME + 7)
    newest = read_newest_changes(lobby.pk)
    assert len(newest.parts) == protocol.CHANGES_PER_FRAME
    assert newest.since == newest.room.revision - protocol.CHANGES_PER_FRAME


def test_a_cursor_of_another_epoch_is_none_of_ours(lobby: Room) -> None:
    assert parse_cursor("ours:7", "ours") == 7
    assert parse_cursor("anotherepoch:7", "ours") is None
    assert parse_cursor(None, "ours") is None
