"""What goes when its time is over: for how long rooms keep what is said, read from the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q

from chat.models import Message, ReportCase, Room
from chat.standing import store_now

STAYS = timedelta(hours=1)
"""What was said just now stays, whatever the rule: a post whose answer was lost is sent again,
and is known by its nonce only while it is here."""


@dataclass(frozen=True)
class KeepRule:
    """What goes: what was said before a time, what has more than so many newer ones, or both."""

    before: datetime | None = None
    newest: int | None = None
    stays_since: datetime | None = None
    """Nothing goes that was said at this time or later."""

    def takes(self, created_at: datetime, newer: int) -> bool:
        """Whether a message said then goes, which has so many ``newer`` ones."""
        if self.stays_since is not None and created_at >= self.stays_since:
            return False
        is_old = self.before is not None and created_at < self.before
        return is_old or (self.newest is not None and newer >= self.newest)


@dataclass(frozen=True)
class Going:
    """The oldest messages of a room that are to go: a row of places without a hole."""

    ids: list[int]
    up_to: int
    """The place of the last of them."""
    floor: int
    """The highest revision among them."""


def rule_of(*, days: int | None = None, newest: int | None = None) -> KeepRule:
    """Return the rule as of now, by the clock of the store that all processes share."""
    now = store_now()
    before = now - timedelta(days=days) if days else None
    return KeepRule(before, newest, now - STAYS)


def read_keep_days(said: int | None) -> int:
    """Return the days for which a room that says so keeps what is said; 0 for ever."""
    days: int = settings.KEEP_DAYS if said is None else said
    return days


def rooms_with_a_term() -> list[tuple[int, int]]:
    """Return the rooms that do not keep everything for ever, each with its days."""
    has_term = Q(keep_days__gt=0)
    if settings.KEEP_DAYS:
        has_term |= Q(keep_days=None)
    rooms = Room.objects.filter(has_term, pruned_to_seq__lt=F("last_seq")).order_by("pk")
    return [
        (pk, settings.KEEP_DAYS if days is None else days)
        for pk, days in rooms.values_list("pk", "keep_days")
    ]


def read_going(room: Room, rule: KeepRule, most: int) -> Going | None:
    """Return at most ``most`` messages that go next, from the oldest on; None for none.

    It ends at the first that stays: places are without a hole. So does an old message that
    was brought in behind a newer one, and one with a report that nobody has decided on, with
    all that came after it.
    """
    open_case = ReportCase.objects.filter(message=OuterRef("pk"), closed_at=None)
    rows = (
        Message.objects.filter(room=room, seq__gt=room.pruned_to_seq, seq__lte=room.last_seq)
        .order_by("seq")
        .values_list("pk", "seq", "revision", "created_at", Exists(open_case))[:most]
    )
    ids: list[int] = []
    up_to = floor = 0
    for pk, seq, revision, created_at, is_reported in rows:
        if is_reported or not rule.takes(created_at, room.last_seq - seq):
            break
        ids.append(pk)
        up_to, floor = seq, max(floor, revision)
    return Going(ids, up_to, floor) if ids else None


def count_going(room: Room, days: int) -> int:
    """Return how many messages would go at once, were they kept for so many days; 0: for ever."""
    if not days:
        return 0
    rule = rule_of(days=days)
    left = Message.objects.filter(room=room, seq__gt=room.pruned_to_seq)
    reported = Exists(ReportCase.objects.filter(message=OuterRef("pk"), closed_at=None))
    staying = left.filter(Q(created_at__gte=rule.before) | Q(reported)).order_by("seq")
    first = staying.values_list("seq", flat=True).first()
    last_to_go: int = room.last_seq if first is None else first - 1
    return max(0, last_to_go - room.pruned_to_seq)


def held_back() -> Iterator[tuple[int, int]]:
    """Yield each room where a report that nobody has decided on keeps old messages, and where."""
    for room_id, days in rooms_with_a_term():
        room = Room.objects.get(pk=room_id)
        oldest = Message.objects.filter(room=room, seq=room.pruned_to_seq + 1).first()
        if oldest is None or not rule_of(days=days).takes(oldest.created_at, 0):
            continue
        if ReportCase.objects.filter(message=oldest, closed_at=None).exists():
            yield room_id, oldest.seq
