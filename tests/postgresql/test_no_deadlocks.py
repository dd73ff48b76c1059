"""Everybody does everything at once for some seconds: nobody waits for each other in a ring."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import DatabaseError, connection

from chat.actions import (
    members,
    messages,
    pins,
    redaction,
    reports,
    room_switches,
    sanctions,
    site_level,
)
from chat.errors import BusyError, ChatError
from chat.models import Message, ReportCase, Room, Sanction, Site, User
from chat.post_intents import PostIntent
from chat.posting import commit_posts, commit_posts_of_free_rooms
from chat.read_marks import ReadIntent, commit_reads
from chat.verifying import find_damage
from tests.conftest import make_moderator, make_person, new_nonce
from tests.figures import Tell
from tests.patience import is_deadlock

pytestmark = [
    pytest.mark.only_on("postgresql"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("only_ours"),
]
SECONDS = 5.0
THREADS = 8
HOUR = timedelta(hours=1)
Act = Callable[[Random], Any]


class Crowd:
    """What people may do to three rooms and to each other, each with whatever chance picks."""

    def __init__(self, ada: User) -> None:
        self.ada = ada
        self.max = make_moderator("max")
        self.people = [make_person(f"member {number}") for number in range(6)]
        self.rooms = [Room.objects.get(pk=_room(ada, number)) for number in range(3)]
        for room in self.rooms:
            for person in self.people:
                members.join_room(actor=person, room_id=room.pk)
        self.everybody = [self.ada, *self.people]

    def post(self, chance: Random) -> None:
        """A batch for several rooms, as a writer under load makes them."""
        intents = [
            PostIntent(chance.choice(self.everybody).pk, room.pk, new_nonce(), "Hello, all.")
            for room in chance.choices(self.rooms, k=4)
        ]
        chance.choice((commit_posts, commit_posts_of_free_rooms))(intents)

    def read(self, chance: Random) -> None:
        reads = [
            ReadIntent(chance.choice(self.everybody).pk, room.pk, chance.randrange(10**6))
            for room in chance.choices(self.rooms, k=5)
        ]
        commit_reads(reads)

    def edit(self, chance: Random) -> None:
        message = self._message(chance)
        body = f"Changed {chance.random()}."
        messages.edit_message(actor=message.author, message_id=message.pk, body=body)

    def redact(self, chance: Random) -> None:
        ids = [self._message(chance).pk for _ in range(4)]
        redaction.redact_messages(actor=self.max, message_ids=ids, reason="Rude.")
        redaction.restore_messages(actor=self.max, message_ids=ids[:2])

    def redact_all(self, chance: Random) -> None:
        """What somebody wrote in all rooms."""
        redaction.redact_all_of(actor=self.max, user_id=self._person(chance).pk, reason="Spam.")

    def report(self, chance: Random) -> None:
        reports.report_message(
            actor=self._person(chance), message_id=self._message(chance).pk, reason="Rude."
        )

    def decide(self, chance: Random) -> None:
        case = ReportCase.objects.order_by("?").first()
        if case is not None:
            outcome = chance.choice(("dismissed", "redacted", "muted"))
            reports.decide_case(
                actor=self.max,
                case_id=case.pk,
                outcome=outcome,
                reason="So.",
                term=reports.Term(HOUR),
            )

    def sanction(self, chance: Random) -> None:
        room_id = chance.choice((None, *(room.pk for room in self.rooms)))
        act = chance.choice((sanctions.mute, sanctions.ban))
        by = self.max if room_id is None else self.ada
        act(actor=by, user_id=self._person(chance).pk, room_id=room_id, term=HOUR, reason="Loud.")

    def lift(self, chance: Random) -> None:
        for sanction in Sanction.objects.order_by("-pk")[:3]:
            sanctions.lift(actor=self.max, sanction_id=sanction.pk)

    def kick_and_join(self, chance: Random) -> None:
        person, room = self._person(chance), chance.choice(self.rooms)
        sanctions.kick(actor=self.ada, user_id=person.pk, room_id=room.pk, reason="Out.")
        members.join_room(actor=person, room_id=room.pk)

    def set_role(self, chance: Random) -> None:
        members.set_role(
            actor=self.ada,
            room_id=chance.choice(self.rooms).pk,
            user_id=self._person(chance).pk,
            role=chance.choice(("member", "moderator")),
        )

    def switch(self, chance: Random) -> None:
        room_switches.set_room(
            actor=self.ada, room_id=chance.choice(self.rooms).pk, slow_mode=chance.choice((0, 5))
        )

    def pin(self, chance: Random) -> None:
        pins.pin_message(actor=self.ada, message_id=self._message(chance).pk)

    def set_level(self, chance: Random) -> None:
        level = chance.choice((Site.Level.NORMAL, Site.Level.MEMBERS))
        site_level.set_level(actor=self.max, level=level)

    def _person(self, chance: Random) -> User:
        return User.objects.get(pk=chance.choice(self.people).pk)

    def _message(self, chance: Random) -> Message:
        newest = Message.objects.select_related("author").order_by("-pk")
        return chance.choice(newest[:12])

    @property
    def acts(self) -> list[Act]:
        rare = [self.redact, self.redact_all, self.report, self.decide, self.sanction, self.lift]
        rare += [self.kick_and_join, self.set_role, self.switch, self.pin, self.set_level]
        return [self.post] * 8 + [self.read, self.edit] * 4 + rare


def _room(owner: User, number: int) -> int:
    from chat.actions.rooms import create_room

    return create_room(actor=owner, name=f"Room {number}").pk


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        [count] = cursor.fetchone()
        return int(count)


def test_posting_moderating_reading_and_the_admin_never_wait_for_each_other_in_a_ring(
    ada: User, tell: Tell
) -> None:
    crowd = Crowd(ada)
    crowd.post(Random(0))
    outcomes: Counter[str] = Counter()
    before = _deadlocks()
    end = time.monotonic() + SECONDS

    def busy(seed: int) -> None:
        chance = Random(seed)
        try:
            while time.monotonic() < end:
                outcomes[_outcome(chance.choice(crowd.acts), chance)] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=busy, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    tell(f"{sum(outcomes.values())} acts in {SECONDS:.0f} s: {dict(outcomes.most_common(8))}")
    assert outcomes["done"] > 20
    assert [word for word in outcomes if word.startswith("fault")] == []
    assert _deadlocks() == before
    assert list(find_damage()) == []


def _outcome(act: Act, chance: Random) -> str:
    try:
        act(chance)
    except BusyError as error:
        return f"fault: deadlock in {act.__name__}" if is_deadlock(error) else "busy"
    except ChatError as refusal:
        return refusal.code
    except (DatabaseError, LookupError) as error:
        return f"fault: {type(error).__name__} in {act.__name__}: {error}"
    return "done"
