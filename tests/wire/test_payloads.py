"""What is sent is what ``chat/protocol.py`` says: payloads built by hand against its models."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import pytest

from chat import grants, payloads, protocol, tail
from chat.actions import rooms
from chat.actions.messages import edit_message
from chat.actions.redaction import redact_messages
from chat.models import Message, Room, User
from chat.resume import changes_since, read_snapshot
from tests.conftest import Post, fresh


def _message(message: Message) -> protocol.Message:
    row = Message.objects.filter(pk=message.pk).values_list(*payloads.MESSAGE_COLUMNS).get()
    return protocol.Message.model_validate_json(payloads.message_json(row))


def test_a_message(bob: User, lobby: Room, post: Post) -> None:
    stored = post(bob, lobby, "你好 “quotes” \\ \n \u2028 😀")
    sent = _message(stored)
    assert (sent.id, sent.room, sent.seq) == (stored.pk, lobby.pk, stored.seq)
    assert (sent.revision, sent.nonce, sent.body) == (stored.revision, stored.nonce, stored.body)
    assert sent.created_at == stored.created_at
    assert sent.created_at.tzinfo == UTC
    assert (sent.edited_at, sent.redacted) == (None, None)
    assert (sent.author.id, sent.author.name, sent.author.kind) == (bob.pk, "bob", "member")
    assert sent.author.picture is None


def test_an_edited_message(bob: User, lobby: Room, post: Post) -> None:
    stored = post(bob, lobby)
    edit_message(actor=bob, message_id=stored.pk, body="Better.")
    sent = _message(stored)
    assert (sent.body, sent.edited_at) == ("Better.", fresh(stored).edited_at)


@pytest.mark.parametrize(("who", "by"), [("bob", "author"), ("ada", "moderator")])
def test_a_tombstone_says_when_and_as_whom_but_neither_text_nor_reason(
    who: str, by: str, request: pytest.FixtureRequest, bob: User, lobby: Room, post: Post
) -> None:
    stored = post(bob, lobby, "Secret.")
    actor = request.getfixturevalue(who)
    redact_messages(actor=actor, message_ids=[stored.pk], reason="Because.")
    sent = _message(stored)
    assert sent.redacted is not None
    assert (sent.redacted.by, sent.redacted.at) == (by, fresh(stored).redacted_at)
    assert sent.body == ""
    assert "Because" not in sent.model_dump_json()


def test_a_picture_has_an_address(bob: User, lobby: Room, post: Post) -> None:
    User.objects.filter(pk=bob.pk).update(picture="pictures/bob.webp")
    sent = _message(post(bob, lobby))
    assert sent.author.picture is not None
    assert sent.author.picture.endswith("/media/pictures/bob.webp")


@pytest.mark.parametrize("kind", User.Kind.values)
def test_a_person(kind: str, db: None) -> None:
    user = User.objects.create_user("somebody", kind=kind, hue=359)
    sent = protocol.Person.model_validate(payloads.person_of(user), strict=False)
    assert (sent.id, sent.name, sent.hue, sent.kind) == (user.pk, "somebody", 359, kind)


@pytest.mark.parametrize("kind", Room.Kind.values)
def test_the_facts_of_a_room(kind: str, ada: User) -> None:
    room = rooms.create_room(actor=ada, name="A room", topic="Tea", kind=kind)
    rooms.archive_room(actor=ada, room_id=room.pk)
    sent = protocol.RoomFacts.model_validate_json(payloads.encode(payloads.facts(fresh(room))))
    assert (sent.kind, sent.name, sent.topic) == (kind, "A room", "Tea")
    assert (sent.archived, sent.members, sent.revision) == (True, 1, 2)


def test_a_snapshot(ada: User, bob: User, lobby: Room, post: Post) -> None:
    first, second = post(bob, lobby), post(ada, lobby)
    redact_messages(actor=ada, message_ids=[first.pk])
    sent = protocol.Snapshot.model_validate_json(read_snapshot(lobby.pk).text)
    assert [message.id for message in sent.messages] == [first.pk, second.pk]
    assert sent.revision == fresh(lobby).revision
    assert (sent.last_seq, sent.floor, sent.facts.id) == (2, 0, lobby.pk)


def test_a_changes_frame(ada: User, bob: User, lobby: Room, post: Post) -> None:
    post(bob, lobby)
    rooms.set_topic(actor=ada, room_id=lobby.pk, topic="Tea")
    found = changes_since(lobby.pk, 0)
    assert found is not None
    [text] = tail.frames(lobby.pk, 0, found.room.revision, found.parts, found.facts_json)
    sent = protocol.Changes.model_validate_json(text)
    assert (sent.room, sent.since, sent.revision) == (lobby.pk, 0, fresh(lobby).revision)
    assert len(sent.messages) == 1
    assert sent.room_facts is not None
    assert sent.room_facts.topic == "Tea"


def test_the_entries_of_a_persons_rooms(
    ada: User, bob: User, eve: User, lobby: Room, cellar: Room, post: Post
) -> None:
    post(ada, lobby)
    sent = [_entry(entry) for entry in grants.read_entries(bob.pk)]
    assert {entry.facts.id for entry in sent} == {lobby.pk, cellar.pk}
    entry = next(entry for entry in sent if entry.facts.id == lobby.pk)
    assert (entry.role, entry.last_seq, entry.last_read_seq) == ("member", 1, 0)
    assert [_entry(entry).facts.id for entry in grants.read_entries(ada.pk, [cellar.pk])] == [
        cellar.pk
    ]
    assert grants.read_entries(eve.pk) == []


def test_nothing_in_a_broadcast_is_personal(bob: User, lobby: Room, post: Post) -> None:
    row = Message.objects.filter(pk=post(bob, lobby).pk).values_list(*payloads.MESSAGE_COLUMNS)
    assert set(json.loads(payloads.message_json(row.get()))) == set(protocol.Message.model_fields)


def _entry(entry: dict[str, Any]) -> protocol.RoomEntry:
    return protocol.RoomEntry.model_validate_json(payloads.encode(entry))
