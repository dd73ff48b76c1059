"""``manage.py verify_rooms`` finds what is damaged, and says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection

from chat.actions.redaction import redact_messages
from chat.models import AuditEntry, Membership, Message, Room, Store, User
from chat.verifying import find_damage
from tests.conftest import Post

Damage = Callable[[Room], object]

DAMAGES: dict[str, tuple[Damage, str]] = {
    "a message is missing": (
        lambda room: _sql(f"DELETE FROM chat_message WHERE room_id = {room.pk} AND seq = 2"),
        "places 1 to 4, but has 3",
    ),
    "the last message is missing": (
        lambda room: _sql(f"DELETE FROM chat_message WHERE room_id = {room.pk} AND seq = 4"),
        "places 1 to 4, but has 3",
    ),
    "every message is missing": (
        lambda room: _sql(
            f"UPDATE chat_auditentry SET message_id = NULL; DELETE FROM chat_evidence; "
            f"DELETE FROM chat_message WHERE room_id = {room.pk}"
        ),
        "places 1 to 4, but has 0",
    ),
    "a message too many": (
        lambda room: Room.log.filter(pk=room.pk).update(last_seq=3),
        "places 1 to 3, but has 4",
    ),
    "a revision from the future": (
        lambda room: Message.log.filter(room=room, seq=4).update(revision=10**6),
        "revision 1000000",
    ),
    "a clock that went back": (
        lambda room: Room.log.filter(pk=room.pk).update(revision=5),
        "cannot have given it",
    ),
    "facts from the future": (
        lambda room: Room.log.filter(pk=room.pk).update(facts_revision=10**6),
        "ahead of its clock",
    ),
    "messages out of order": (
        lambda room: _swap_revisions(room, 3, 4),
        "place 4 was stored before",
    ),
    "a tombstone with a text": (
        lambda room: Message.log.filter(room=room, seq=1).update(body="Buy!"),
        "is redacted, but still has a text",
    ),
    "half a redaction": (
        lambda room: Message.log.filter(room=room, seq=1).update(redacted_by=""),
        "only half redacted",
    ),
    "a text that vanished": (
        lambda room: Message.log.filter(room=room, seq=3).update(body=""),
        "was not redacted",
    ),
    "a digest that is none": (
        lambda room: Message.log.filter(room=room, seq=3).update(nonce_digest=b""),
        "cannot tell a retry",
    ),
    "an audit entry is missing": (
        lambda room: AuditEntry.log.filter(room=room).update(message=None),
        "0 audit entries",
    ),
    "an audit entry of nobody": (
        lambda room: AuditEntry.log.filter(room=room).update(actor=None),
        "0 audit entries",
    ),
    "an audit entry twice": (lambda room: _double_audit(), "2 audit entries"),
    "members miscounted": (
        lambda room: Room.log.filter(pk=room.pk).update(member_count=9),
        "has 9 members, and has 2",
    ),
    "nobody owns it": (
        lambda room: Membership.log.filter(room=room).update(role="member"),
        "no owner",
    ),
    "read past the end": (
        lambda room: Membership.log.filter(room=room).update(last_read_seq=99),
        "past its end",
    ),
    "no epoch": (lambda room: Store.objects.update(epoch=""), "no single epoch"),
}


@pytest.fixture
def used_room(ada: User, bob: User, lobby: Room, post: Post) -> Room:
    """Four messages, of which a moderator redacted the first."""
    first, *_ = [post(bob, lobby, f"Number {number}.") for number in range(4)]
    redact_messages(actor=ada, message_ids=[first.pk], reason="Spam")
    return lobby


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_is_told_in_a_sentence(damage: str, used_room: Room) -> None:
    assert list(find_damage()) == []
    inflict, words = DAMAGES[damage]
    inflict(used_room)
    sentences = list(find_damage())
    assert any(words in sentence for sentence in sentences), sentences


def test_a_sound_store_is_told_and_the_exit_code_is_0(
    used_room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_rooms")
    assert capsys.readouterr().out == "Sound: 1 rooms, 4 messages.\n"


def test_damage_is_told_and_the_exit_code_is_1(
    used_room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    Room.log.filter(pk=used_room.pk).update(member_count=9)
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_rooms")
    assert stopped.value.code == 1
    assert "has 9 members" in capsys.readouterr().err


def test_a_large_room_takes_a_fixed_number_of_queries(
    used_room: Room, bob: User, post: Post, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _ in range(20):
        post(bob, used_room)
    with django_assert_max_num_queries(40):
        assert list(find_damage()) == []


def _sql(statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements.split("; "):
            cursor.execute(statement)


def _swap_revisions(room: Room, one: int, other: int) -> None:
    first = Message.objects.get(room=room, seq=one)
    second = Message.objects.get(room=room, seq=other)
    Message.log.filter(pk=first.pk).update(revision=10**9)
    Message.log.filter(pk=second.pk).update(revision=first.revision)
    Message.log.filter(pk=first.pk).update(revision=second.revision)


def _double_audit() -> None:
    entry = AuditEntry.log.get()
    entry.pk, entry._state.adding = None, True
    entry.save(force_insert=True)
