"""The moderator's desk: what needs somebody now. Every query reads a bounded number of rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, OuterRef, Subquery
from django.utils import timezone

from chat import policy
from chat.models import (
    AuditEntry,
    HeldPost,
    Message,
    Report,
    ReportCase,
    Room,
    Sanction,
    Site,
    User,
)
from chat.models.sanction import ACTIVE
from chat.standing import store_now

SHOWN = 5
ENTRIES_SHOWN = 12
COUNTED = 1_000
"""More than this is said as "more than": nobody needs to know how many more."""
MESSAGES_LOOKED_AT = 5_000
"""The busiest rooms are judged by the newest messages, at most so many."""
BUSY_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """A number that was counted to ``COUNTED`` and no further."""

    number: int

    @property
    def is_bounded(self) -> bool:
        return self.number > COUNTED

    @property
    def shown(self) -> int:
        return min(self.number, COUNTED)


def first_open_cases() -> list[ReportCase]:
    """Those that have waited longest, each with its newest reason."""
    waiting = ReportCase.objects.filter(closed_at__isnull=True).order_by("pk")
    # By id, or the newest reason would be looked up for every case of the queue.
    first = list(waiting.values_list("pk", flat=True)[:SHOWN])
    rows = ReportCase.objects.filter(pk__in=first).select_related("room", "message__author")
    return list(rows.annotate(newest_reason=newest_reasons()).order_by("pk"))


def newest_reasons(place: int = 0) -> Subquery:
    """The newest reason that a reader gave in each case, or the one ``place`` before it."""
    said = Report.objects.filter(case=OuterRef("pk")).exclude(reason="")
    return Subquery(said.order_by("-pk").values("reason")[place : place + 1])


def desk(actor: User) -> dict[str, Any]:
    """What the front page shows to somebody who moderates the site."""
    now = store_now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "level": _level(),
        "reports": _reports(),
        "held": _held_posts(actor),
        "newcomers": _new_people(midnight),
        "ending": _ending_sanctions(midnight + timedelta(days=1)),
        "busiest": _busiest_rooms(now - BUSY_WITHIN),
        "entries": _newest_entries(),
    }


def _level() -> str:
    return Site.objects.values_list("level", flat=True).filter(pk=1).first() or Site.Level.NORMAL


def _reports() -> dict[str, Any]:
    waiting = ReportCase.objects.filter(closed_at__isnull=True).order_by("reported_at")
    found = waiting[: COUNTED + 1].aggregate(n=Count("pk"), oldest=Min("opened_at"))
    cases = first_open_cases() if found["n"] else []
    return {"count": Counted(found["n"]), "oldest": found["oldest"], "cases": cases}


def _held_posts(actor: User) -> dict[str, Any]:
    waiting = HeldPost.objects.filter(status=HeldPost.Status.WAITING).order_by("room_id", "pk")
    # What waits in a private room is for those who are in it.
    mine = waiting.filter(room__in=policy.visible_rooms(actor).values("pk"))
    some = mine.values("pk")[: COUNTED + 1]
    rows = (
        HeldPost.objects.filter(pk__in=some)
        .order_by()
        .values("room_id", "room__name")
        .annotate(n=Count("pk"), oldest=Min("created_at"))
    )
    rooms = sorted(rows, key=lambda row: row["oldest"])
    return {"count": Counted(sum(row["n"] for row in rooms)), "rooms": rooms[:SHOWN]}


def _new_people(midnight: datetime) -> dict[str, Any]:
    # By id, since nothing is sorted by the time: the newest people joined last.
    newest = User.objects.order_by("-pk").values("pk")[: COUNTED + 1]
    today = User.objects.filter(pk__in=newest, date_joined__gte=midnight)
    return {"count": Counted(today.count()), "people": list(today.order_by("-pk")[:SHOWN])}


def _ending_sanctions(midnight: datetime) -> list[Sanction]:
    ending = Sanction.objects.filter(ACTIVE, expires_at__lte=midnight)
    return list(ending.select_related("user", "room").order_by("expires_at")[:SHOWN])


def _busiest_rooms(since: datetime) -> dict[str, Any]:
    newest = Message.objects.order_by("-pk").values("pk")[:MESSAGES_LOOKED_AT]
    said = Message.objects.filter(pk__in=newest, created_at__gte=since).order_by()
    counts: dict[int, int] = dict(said.values_list("room_id").annotate(n=Count("pk")))
    rooms = Room.objects.exclude(kind=Room.Kind.DIRECT).in_bulk(counts)
    busiest = sorted(rooms, key=lambda room_id: -counts[room_id])[:SHOWN]
    return {
        # More was said in this hour than was looked at.
        "looked_at": MESSAGES_LOOKED_AT,
        "is_sample": sum(counts.values()) == MESSAGES_LOOKED_AT,
        "rooms": [{"room": rooms[room_id], "n": counts[room_id]} for room_id in busiest],
    }


def _newest_entries() -> list[AuditEntry]:
    entries = AuditEntry.objects.select_related("actor", "target", "room", "message")
    return list(entries.order_by("-pk")[:ENTRIES_SHOWN])
