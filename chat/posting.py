"""Many posts in one transaction: judged, numbered and stored under their rooms' locks.

This is the hot path. What is done for a post costs a dictionary look-up; what goes to
the database goes once for the whole batch.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from chat import errors, payloads, post_rows, posting_rules
from chat.changes import Change
from chat.database import writing
from chat.holding import hold_post
from chat.models import HeldPost, Room, WordRule
from chat.post_intents import PostIntent
from chat.post_rows import Known, Membered
from chat.posting_rules import Poster
from chat.protocol import HeldMark, Mark
from chat.reporting import file_report
from chat.search.entries import Entry, day_of
from chat.search.indexing import index_messages
from chat.standing import Standings, read_standings, store_now
from chat.word_rules import Rule, rules_at


@dataclass(slots=True)
class Placed:
    """A post that has its place in the room. Its id comes with the insert."""

    intent: PostIntent
    seq: int
    revision: int
    rule: Rule | None = None
    pk: int = 0
    is_tombstone: ClassVar[bool] = False
    held: ClassVar[int] = 0
    is_rejected: ClassVar[bool] = False

    @property
    def room_id(self) -> int:
        return self.intent.room_id

    @property
    def digest(self) -> bytes:
        return self.intent.digest


logger = logging.getLogger(__name__)

Outcome = Mark | HeldMark | errors.ChatError


class Later(Enum):
    """In place of an outcome: somebody else holds the room, and nothing was decided."""

    LATER = auto()


LATER: Final = Later.LATER


def commit_posts(intents: Sequence[PostIntent]) -> list[Outcome]:
    """Store the posts in one transaction; return a mark or a refusal for each, in order.

    The mark of a post that has to wait for a moderator is a ``HeldMark``.

    One bad post does not fail its batch. Waits for rooms that somebody else holds. Raises
    ``BusyError``; then nothing was stored, or the word that it was has been lost.
    """
    return [each for each in _commit(intents, waits=True) if each is not LATER]


def commit_posts_of_free_rooms(intents: Sequence[PostIntent]) -> list[Outcome | Later]:
    """Do as ``commit_posts``, but wait for no room: ``LATER`` for posts to one that is held."""
    return _commit(intents, waits=False)


def _commit(intents: Sequence[PostIntent], *, waits: bool) -> list[Outcome | Later]:
    try:
        with writing():
            return _Batch(intents, waits=waits).store()
    except IntegrityError:
        if len(intents) == 1:
            return [_commit_again(intents[0], waits=waits)]
        return _one_by_one(intents, waits=waits)


def _one_by_one(intents: Sequence[PostIntent], *, waits: bool) -> list[Outcome | Later]:
    outcomes: list[Outcome | Later] = []
    late: set[int] = set()
    for intent in intents:
        if intent.room_id in late:
            # The room may be free again, but this one would overtake those before it.
            outcomes.append(LATER)
            continue
        [outcome] = _commit([intent], waits=waits)
        if outcome is LATER:
            late.add(intent.room_id)
        outcomes.append(outcome)
    return outcomes


def _commit_again(intent: PostIntent, *, waits: bool) -> Outcome | Later:
    """Store one post whose nonce another process stored, in another room, since we looked."""
    try:
        with writing():
            [outcome] = _Batch([intent], waits=waits).store()
    except IntegrityError:
        # Whatever it is, it is no reason to fail those who only waited beside it.
        logger.exception("a post could not be stored")
        return errors.InternalError()
    return outcome


NO_MEMBER = Membered()
GOOD_STANDING = Standings()


class _Batch:
    """The state of one batch while its transaction is open."""

    def __init__(self, intents: Sequence[PostIntent], *, waits: bool) -> None:
        self.intents = intents
        self.now: datetime = timezone.now()
        rooms, self.site, self.held_rooms = post_rows.lock_rooms(
            {intent.room_id for intent in intents}, waits=waits
        )
        self.changes = {room.pk: Change(room) for room in rooms}
        if any(room.slow_mode_s for room in rooms):
            # Measured by the one clock that all processes share.
            self.now = store_now()
        author_ids = {intent.author_id for intent in intents}
        newcomers_since = self.now - timedelta(hours=settings.NEWCOMER_HOURS)
        self.authors = post_rows.read_authors(author_ids, newcomers_since)
        self.standings = read_standings(author_ids)
        self.memberships = post_rows.read_memberships(author_ids, self.changes)
        self.known: dict[tuple[int, str], Known | Placed] = {}
        self.known.update(post_rows.read_known({intent.key for intent in intents}))
        self.placed: list[Placed] = []
        self.paced: set[tuple[int, int]] = set()
        """Who posted where slow mode will ask for it, by user and room."""

    def store(self) -> list[Outcome | Later]:
        """Judge, number and insert; return an outcome for each intent, in order."""
        judged = [self._judge(intent) for intent in self.intents]
        if self.placed:
            # Marks and announcements need the ids that the insert hands out.
            self._insert()
            rooms = self._by_room()
            post_rows.write_clocks(self.changes[room_id].room for room_id in rooms)
            self._report_broken_rules()
            for room_id, messages in rooms.items():
                self.changes[room_id].tell([self._part(message) for message in messages])
        marks = self._own_read_marks()
        if self.paced:
            post_rows.remember_posted(self.paced, marks, self.now)
        elif marks:
            post_rows.advance_read_marks(marks)
        return [_outcome(each) for each in judged]

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
        today = day_of(self.now)
        index_messages(
            [Entry(m.pk, m.room_id, m.intent.author_id, today, m.intent.body) for m in self.placed]
        )

    def _judge(self, intent: PostIntent) -> Known | Placed | errors.ChatError | Later:
        known = self.known.get(intent.key)
        if known is not None:
            return _retried(intent, known)
        if intent.room_id in self.held_rooms:
            return LATER
        change = self.changes.get(intent.room_id)
        if change is None:
            return errors.NotFoundError()
        try:
            cause, rule = self._pass(intent, change.room)
        except errors.ChatError as refusal:
            return refusal
        if cause is not None:
            return self._hold(intent, cause)
        message = Placed(intent, *change.next_place(), rule)
        self.known[intent.key] = message
        self.placed.append(message)
        return message

    def _pass(self, intent: PostIntent, room: Room) -> tuple[str | None, Rule | None]:
        """Return why the post waits, if it does, and the rule that it breaks, if any.

        Raises the errors of ``posting_rules``, and ``RefusedWordsError``.
        """
        poster = self._poster(intent)
        posting_rules.check_can_write(room, poster, self.site.level)
        rule = None if poster.leads else self._broken_rule(intent)
        if rule is not None and rule.outcome == WordRule.Outcome.REFUSE:
            raise rule.refusal
        posting_rules.check_pace(room, poster, self.now)
        cause = posting_rules.cause_to_wait(room, poster, self.site.level)
        if cause is None and rule is not None and rule.outcome == WordRule.Outcome.HOLD:
            cause = HeldPost.Cause.WORDS
        if room.slow_mode_s and intent.room_key in self.memberships:
            self.memberships[intent.room_key] = self.memberships[intent.room_key]._replace(
                last_posted_at=self.now
            )
            self.paced.add(intent.room_key)
        return cause, rule

    def _poster(self, intent: PostIntent) -> Poster:
        author = self.authors.get(intent.author_id)
        if author is None:
            return Poster(is_active=False)
        membered = self.memberships.get(intent.room_key, NO_MEMBER)
        return Poster(
            kind=author.person[4],
            is_staff=author.is_staff,
            is_newcomer=author.is_newcomer,
            role=membered.role,
            standings=self.standings.get(intent.author_id, GOOD_STANDING),
            last_posted_at=membered.last_posted_at,
        )

    def _broken_rule(self, intent: PostIntent) -> Rule | None:
        if intent.rules_revision == self.site.rules_revision:
            return intent.rule
        # The rules have changed since this process read them.
        return rules_at(self.site.rules_revision).judge(intent.room_id, intent.body)

    def _hold(self, intent: PostIntent, cause: str) -> Known:
        held = hold_post(
            author_id=intent.author_id,
            room_id=intent.room_id,
            nonce=intent.nonce,
            digest=intent.digest,
            body=intent.body,
            cause=cause,
        )
        known = Known(0, intent.room_id, 0, 0, intent.digest, is_tombstone=False, held=held.pk)
        self.known[intent.key] = known
        return known

    def _part(self, message: Placed) -> list[Any]:
        intent = message.intent
        row = (
            message.pk,
            intent.room_id,
            message.seq,
            message.revision,
            *self.authors[intent.author_id].person,
            intent.nonce,
            intent.body,
            self.now,
            None,
            None,
            None,
            "",
        )
        return [message.pk, message.revision, payloads.message_json(row)]

    def _own_read_marks(self) -> dict[tuple[int, int], int]:
        """One's own posts are never unread: who had read everything has read these too."""
        marks: dict[tuple[int, int], int] = {}
        for message in self.placed:
            key = (message.intent.author_id, message.room_id)
            # What was removed unread is unread no longer.
            pruned_to = self.changes[message.room_id].room.pruned_to_seq
            read_to = max(marks.get(key, self.memberships[key].last_read_seq), pruned_to)
            if read_to == message.seq - 1:
                marks[key] = message.seq
        return marks

    def _report_broken_rules(self) -> None:
        for message in self.placed:
            if message.rule is not None and message.rule.outcome == WordRule.Outcome.REPORT:
                file_report(
                    message_id=message.pk,
                    room_id=message.room_id,
                    reporter_id=None,
                    reason=message.rule.pattern,
                )


def _retried(intent: PostIntent, known: Known | Placed) -> Known | Placed | errors.ChatError:
    """Answer the same intent again. A tombstone answers every retry: no text of it comes back."""
    same = known.is_tombstone or known.digest == intent.digest
    if not same or known.room_id != intent.room_id:
        return errors.NonceConflictError()
    return errors.RejectedError() if known.is_rejected else known


def _outcome(judged: Known | Placed | errors.ChatError | Later) -> Outcome | Later:
    if isinstance(judged, errors.ChatError | Later):
        return judged
    if judged.held:
        return HeldMark(id=judged.held)
    return Mark(id=judged.pk, seq=judged.seq, revision=judged.revision)
