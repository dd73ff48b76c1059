"""Many posts in one transaction: judged, numbered and stored under their rooms' locks.

This is the hot path. What is done for a post costs a dictionary look-up; what goes to
the database goes once for the whole batch.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection
from django.utils import timezone

from chat import errors, payloads, policy
from chat.changes import Change
from chat.database import writing
from chat.models import Membership, Message, Room, User
from chat.protocol import Mark


@dataclass(frozen=True, slots=True)
class PostIntent:
    """One intent to post. Its text is clean and its author known; the room is judged later."""

    author_id: int
    room_id: int
    nonce: str
    body: str
    digest: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", hashlib.sha256(self.body.encode()).digest())

    @property
    def key(self) -> tuple[int, str]:
        """What makes the intent the same one: author and nonce."""
        return self.author_id, self.nonce


@dataclass(frozen=True, slots=True)
class ReadIntent:
    """Somebody has seen a room up to ``seq``."""

    user_id: int
    room_id: int
    seq: int


Outcome = Mark | errors.ChatError


def commit_posts(intents: Sequence[PostIntent]) -> list[Outcome]:
    """Store the posts in one transaction; return a mark or a refusal for each, in order.

    One bad post does not fail its batch. Raises ``BusyError``; then nothing was stored.
    """
    try:
        with writing():
            return _Batch(intents).store()
    except IntegrityError:
        if len(intents) == 1:
            # Another process stored this very nonce, in another room, since we looked.
            with writing():
                return _Batch(intents).store()
        return [outcome for intent in intents for outcome in commit_posts([intent])]


class _Batch:
    """The state of one batch while its transaction is open."""

    def __init__(self, intents: Sequence[PostIntent]) -> None:
        self.intents = intents
        self.now: datetime = timezone.now()
        self.changes = _open_rooms({intent.room_id for intent in intents})
        author_ids = {intent.author_id for intent in intents}
        self.authors = _authors(author_ids)
        self.memberships = _memberships(author_ids, set(self.changes))
        self.known = _known_nonces(intents)
        self.placed: dict[int, list[Message]] = defaultdict(list)

    def store(self) -> list[Outcome]:
        # Marks need the ids that the insert hands out, so the first pass keeps messages.
        judged = [self._judge(intent) for intent in self.intents]
        Message.log.bulk_create(m for messages in self.placed.values() for m in messages)
        _advance_clocks(self.changes[room_id].room for room_id in self.placed)
        self._advance_own_read_marks()
        for room_id, messages in self.placed.items():
            self.changes[room_id].tell([self._part(message) for message in messages])
        return [
            outcome if isinstance(outcome, errors.ChatError) else _mark(outcome)
            for outcome in judged
        ]

    def _judge(self, intent: PostIntent) -> Message | errors.ChatError:
        known = self.known.get(intent.key)
        if known is not None:
            same = known.room_id == intent.room_id and bytes(known.nonce_digest) == intent.digest
            # A tombstone answers every retry: its text cannot be compared, nor come back.
            return known if same or known.is_tombstone else errors.NonceConflictError()
        change = self.changes.get(intent.room_id)
        if change is None:
            return errors.NotFoundError()
        author = self.authors.get(intent.author_id)
        role, _ = self.memberships.get((intent.author_id, intent.room_id), (None, 0))
        try:
            policy.check_can_post(change.room, role, is_active=author is not None)
        except errors.ChatError as refusal:
            return refusal
        message = change.place(
            Message(
                author_id=intent.author_id,
                nonce=intent.nonce,
                nonce_digest=intent.digest,
                body=intent.body,
                created_at=self.now,
            )
        )
        self.known[intent.key] = message
        self.placed[intent.room_id].append(message)
        return message

    def _part(self, message: Message) -> list[Any]:
        author = self.authors[message.author_id]
        row = (
            message.pk,
            message.room_id,
            message.seq,
            message.revision,
            *author,
            message.nonce,
            message.body,
            message.created_at,
            None,
            None,
            "",
        )
        return [message.pk, message.revision, payloads.message_json(row)]

    def _advance_own_read_marks(self) -> None:
        """One's own posts are never unread: who had read everything has read these too."""
        marks: dict[tuple[int, int], int] = {}
        for room_id, messages in self.placed.items():
            for message in messages:
                key = (message.author_id, room_id)
                read = marks.get(key, self.memberships[key][1])
                if read == message.seq - 1:
                    marks[key] = message.seq
        if marks:
            _advance_read_marks(marks)


def _mark(message: Message) -> Mark:
    return Mark.model_construct(id=message.pk, seq=message.seq, revision=message.revision)


def _open_rooms(room_ids: set[int]) -> dict[int, Change]:
    # By ascending id, so that two batches never wait for each other.
    rooms = Room.log.select_for_update().filter(pk__in=room_ids).order_by("pk")
    return {room.pk: Change(room) for room in rooms}


def _authors(author_ids: set[int]) -> dict[int, tuple[Any, ...]]:
    rows = User.objects.filter(pk__in=author_ids, is_active=True)
    return {row[0]: row for row in rows.values_list(*payloads.PERSON_COLUMNS)}


def _memberships(user_ids: set[int], room_ids: set[int]) -> dict[tuple[int, int], tuple[str, int]]:
    rows = Membership.objects.filter(user_id__in=user_ids, room_id__in=room_ids)
    return {
        (user, room): (role, read)
        for user, room, role, read in rows.values_list(
            "user_id", "room_id", "role", "last_read_seq"
        )
    }


def _known_nonces(intents: Sequence[PostIntent]) -> dict[tuple[int, str], Message]:
    found = Message.objects.filter(
        author_id__in={intent.author_id for intent in intents},
        nonce__in={intent.nonce for intent in intents},
    ).only("room_id", "author_id", "nonce", "nonce_digest", "seq", "revision", "redacted_at")
    return {(message.author_id, message.nonce): message for message in found}


def _advance_clocks(rooms: Iterable[Room]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE chat_room SET revision = %s, last_seq = %s WHERE id = %s",
            [(room.revision, room.last_seq, room.pk) for room in rooms],
        )


def commit_reads(intents: Iterable[ReadIntent]) -> None:
    """Move read marks forward in one transaction; a mark never goes back or past the end.

    Raises ``BusyError``; then nothing was stored.
    """
    furthest: dict[tuple[int, int], int] = {}
    for intent in intents:
        key = (intent.room_id, intent.user_id)
        furthest[key] = max(intent.seq, furthest.get(key, 0))
    with writing():
        last_seqs = dict(
            Room.objects.filter(pk__in={room for room, _ in furthest}).values_list("pk", "last_seq")
        )
        _advance_read_marks(
            {
                (user_id, room_id): min(seq, last_seqs.get(room_id, 0))
                for (room_id, user_id), seq in sorted(furthest.items())
            }
        )


def _advance_read_marks(marks: dict[tuple[int, int], int]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE chat_membership SET last_read_seq = %s"
            " WHERE user_id = %s AND room_id = %s AND last_read_seq < %s",
            [(seq, user, room, seq) for (user, room), seq in marks.items()],
        )
