"""Many posts in one transaction: judged, numbered and stored under their rooms' locks.

This is the hot path. What is done for a post costs a dictionary look-up; what goes to
the database goes once for the whole batch.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError
from django.utils import timezone

from chat import errors, payloads, policy, post_rows
from chat.changes import Change
from chat.database import writing
from chat.models import Room
from chat.post_rows import Known
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

    @property
    def columns(self) -> tuple[Any, ...]:
        """What the row takes from the intent, as ``post_rows.insert_messages`` wants it."""
        return self.author_id, self.nonce, self.digest, self.body


@dataclass(slots=True)
class Placed:
    """A post that has its place in the room. Its id comes with the insert."""

    intent: PostIntent
    seq: int
    revision: int
    pk: int = 0
    is_tombstone: ClassVar[bool] = False

    @property
    def room_id(self) -> int:
        return self.intent.room_id

    @property
    def digest(self) -> bytes:
        return self.intent.digest


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
        rooms = post_rows.lock_rooms({intent.room_id for intent in intents})
        self.changes = {room.pk: Change(room) for room in rooms}
        author_ids = {intent.author_id for intent in intents}
        self.authors = post_rows.read_authors(author_ids)
        self.memberships = post_rows.read_memberships(author_ids, self.changes)
        self.known: dict[tuple[int, str], Known | Placed] = {}
        self.known.update(post_rows.read_known({intent.key for intent in intents}))
        self.placed: list[Placed] = []

    def store(self) -> list[Outcome]:
        """Judge, number and insert; return an outcome for each intent, in order."""
        judged = [self._judge(intent) for intent in self.intents]
        if self.placed:
            # Marks and announcements need the ids that the insert hands out.
            self._insert()
            rooms = self._by_room()
            post_rows.write_clocks(self.changes[room_id].room for room_id in rooms)
            self._advance_own_read_marks()
            for room_id, messages in rooms.items():
                self.changes[room_id].tell([self._part(message) for message in messages])
        return [each if isinstance(each, errors.ChatError) else _mark(each) for each in judged]

    def _by_room(self) -> dict[int, list[Placed]]:
        by_room: dict[int, list[Placed]] = defaultdict(list)
        for message in self.placed:
            by_room[message.room_id].append(message)
        return by_room

    def _insert(self) -> None:
        rows = [(m.room_id, m.seq, m.revision, *m.intent.columns) for m in self.placed]
        ids = post_rows.insert_messages(rows, self.now)
        for message in self.placed:
            message.pk = ids[message.room_id, message.seq]

    def _judge(self, intent: PostIntent) -> Known | Placed | errors.ChatError:
        known = self.known.get(intent.key)
        if known is not None:
            # A tombstone answers every retry in its room: no text of it can come back.
            same = known.is_tombstone or known.digest == intent.digest
            is_retry = same and known.room_id == intent.room_id
            return known if is_retry else errors.NonceConflictError()
        change = self.changes.get(intent.room_id)
        if change is None:
            return errors.NotFoundError()
        is_active = intent.author_id in self.authors
        role, _ = self.memberships.get((intent.author_id, intent.room_id), (None, 0))
        try:
            policy.check_can_post(change.room, role, is_active=is_active)
        except errors.ChatError as refusal:
            return refusal
        message = Placed(intent, *change.next_place())
        self.known[intent.key] = message
        self.placed.append(message)
        return message

    def _part(self, message: Placed) -> list[Any]:
        intent = message.intent
        row = (
            message.pk,
            intent.room_id,
            message.seq,
            message.revision,
            *self.authors[intent.author_id],
            intent.nonce,
            intent.body,
            self.now,
            None,
            None,
            "",
        )
        return [message.pk, message.revision, payloads.message_json(row)]

    def _advance_own_read_marks(self) -> None:
        """One's own posts are never unread: who had read everything has read these too."""
        marks: dict[tuple[int, int], int] = {}
        for message in self.placed:
            key = (message.intent.author_id, message.room_id)
            if marks.get(key, self.memberships[key][1]) == message.seq - 1:
                marks[key] = message.seq
        if marks:
            post_rows.advance_read_marks(marks)


def _mark(message: Known | Placed) -> Mark:
    return Mark.model_construct(id=message.pk, seq=message.seq, revision=message.revision)


def commit_reads(intents: Sequence[ReadIntent]) -> list[int]:
    """Move read marks forward in one transaction; a mark never goes back or past the end.

    Returns for each intent, in order, the seq that was seen: past the newest message means
    the newest. Raises ``BusyError``; then nothing was stored.
    """
    with writing():
        rooms = Room.objects.filter(pk__in={intent.room_id for intent in intents})
        last_seqs = dict(rooms.values_list("pk", "last_seq"))
        seen = [min(intent.seq, last_seqs.get(intent.room_id, 0)) for intent in intents]
        furthest: dict[tuple[int, int], int] = defaultdict(int)
        for intent, seq in zip(intents, seen, strict=True):
            key = (intent.user_id, intent.room_id)
            furthest[key] = max(seq, furthest[key])
        post_rows.advance_read_marks(furthest)
    return seen
