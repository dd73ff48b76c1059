"""What moderation promises of the store, as queries: see ``chat/verifying.py``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from chat.models import (
    AddressBan,
    AuditEntry,
    Evidence,
    HeldPost,
    Message,
    Report,
    ReportCase,
    Sanction,
    Site,
)
from chat.models.sanction import STANDING

Verb = AuditEntry.Verb
Status = HeldPost.Status


def find_moderation_damage() -> Iterator[str]:
    """Yield a sentence for every breach; nothing for a sound store."""
    for look in (
        _site_is_one,
        _redactions_are_audited,
        _sanctions_are_audited,
        _one_sanction_stands,
        _evidence_is_of_tombstones,
        _held_posts_are_decided_whole,
        _held_posts_are_no_messages,
        _cases_are_whole,
        _pins_are_of_texts,
    ):
        yield from look()


def a_count(rows: QuerySet[Any, Any]) -> Coalesce:
    """A grouped subquery's number, 0 where there is no row to count."""
    return Coalesce(Subquery(rows), Value(0))


def _site_is_one() -> Iterator[str]:
    if (rows := Site.objects.count()) != 1:
        yield f"The site has {rows} rows of what holds everywhere, not one."


def _redactions_are_audited() -> Iterator[str]:
    """Invariant 5: what a moderator redacted has exactly one entry: who, whose, and why.

    One more for each time that it was undone: redacted, restored, redacted is two and one.
    """
    entries = AuditEntry.objects.filter(
        message=OuterRef("pk"),
        actor__isnull=False,
        target=OuterRef("author"),
        room=OuterRef("room"),
    ).order_by()
    redacted = entries.filter(verb=Verb.REDACT).values("message").annotate(n=Count("pk"))
    restored = entries.filter(verb=Verb.RESTORE_MESSAGE).values("message").annotate(n=Count("pk"))
    moderated = Message.objects.filter(redacted_by=Message.RedactedBy.MODERATOR)
    counted = moderated.annotate(
        entries=a_count(redacted.values("n")) - a_count(restored.values("n"))
    )
    for pk, count in counted.exclude(entries=1).values_list("pk", "entries").iterator():
        yield f"Message {pk} was redacted by a moderator and has {count} audit entries, not one."


def _sanctions_are_audited() -> Iterator[str]:
    """Invariant 5, of mutes, bans and kicks."""
    entries = (
        AuditEntry.objects.filter(
            action_id=OuterRef("action_id"),
            verb=OuterRef("kind"),
            actor=OuterRef("actor"),
            target=OuterRef("user"),
        )
        .order_by()
        .values("action_id")
        .annotate(n=Count("pk"))
    )
    # One click may sanction somebody in several rooms: as many entries as sanctions.
    others = (
        Sanction.objects.filter(
            action_id=OuterRef("action_id"),
            kind=OuterRef("kind"),
            actor=OuterRef("actor"),
            user=OuterRef("user"),
        )
        .order_by()
        .values("action_id")
        .annotate(n=Count("pk"))
    )
    counted = Sanction.objects.annotate(
        entries=a_count(entries.values("n")), sanctions=a_count(others.values("n"))
    ).exclude(entries=F("sanctions"))
    for pk, count in counted.values_list("pk", "entries").iterator():
        yield f"Sanction {pk} has {count} audit entries for what its click did."


def _one_sanction_stands() -> Iterator[str]:
    """The constraints say so; a damaged index would not."""
    twice = Sanction.objects.filter(STANDING).order_by().values("user", "room", "kind")
    for row in twice.annotate(n=Count("pk")).filter(n__gt=1).values_list("user", "kind"):
        yield f"Person {row[0]} has more than one standing {row[1]} in one place."
    networks = AddressBan.objects.filter(lifted_at=None).order_by().values("network")
    for network in networks.annotate(n=Count("pk")).filter(n__gt=1).values_list("network"):
        yield f"The network {network[0]} is banned more than once."


def _evidence_is_of_tombstones() -> Iterator[str]:
    """What is not redacted has nothing kept apart: that would be a second copy of a text."""
    for pk in Evidence.objects.filter(message__redacted_at=None).values_list("message", flat=True):
        yield f"Message {pk} is not redacted, but its text is kept as evidence."


def _held_posts_are_decided_whole() -> Iterator[str]:
    approved = HeldPost.objects.filter(status=Status.APPROVED)
    wrong = approved.filter(
        Q(message=None)
        | ~Q(body="")
        | ~Q(message__author=F("author"))
        | ~Q(message__room=F("room"))
        | ~Q(message__nonce=F("nonce"))
    )
    for pk in wrong.values_list("pk", flat=True).iterator():
        yield f"Held post {pk} was approved, but is not the message that it became."
    waiting = HeldPost.objects.exclude(status=Status.APPROVED)
    for pk in waiting.filter(message__isnull=False).values_list("pk", flat=True).iterator():
        yield f"Held post {pk} has a message, but was not approved."
    halves = HeldPost.objects.filter(
        Q(status=Status.WAITING, decided_at__isnull=False)
        | Q(status=Status.WAITING, body="")
        | ~Q(status=Status.WAITING) & Q(decided_at=None)
    )
    for pk in halves.values_list("pk", flat=True).iterator():
        yield f"Held post {pk} is only half decided."


def _held_posts_are_no_messages() -> Iterator[str]:
    """Invariant 3: one intent waits, or is a message, but never both."""
    same = Message.objects.filter(author=OuterRef("author"), nonce=OuterRef("nonce"))
    both = HeldPost.objects.exclude(status=Status.APPROVED).filter(Exists(same))
    for pk in both.values_list("pk", flat=True).iterator():
        yield f"Held post {pk} is a message already."


def _cases_are_whole() -> Iterator[str]:
    reports = Report.objects.filter(case=OuterRef("pk")).order_by().values("case")
    counted = ReportCase.objects.annotate(
        reports_found=a_count(reports.annotate(n=Count("pk")).values("n"))
    )
    wrong = counted.filter(
        ~Q(report_count=F("reports_found"))
        | Q(reports_found=0)
        | ~Q(room=F("message__room"))
        | Q(closed_at=None) & ~Q(outcome="")
        | Q(closed_at__isnull=False, outcome="")
    )
    for pk in wrong.values_list("pk", flat=True).iterator():
        yield f"Case {pk} does not agree with its reports or its outcome."
    twice = ReportCase.objects.filter(closed_at=None).order_by().values("message")
    for row in twice.annotate(n=Count("pk")).filter(n__gt=1).values_list("message"):
        yield f"Message {row[0]} has more than one open case."


def _pins_are_of_texts() -> Iterator[str]:
    pinned = Message.objects.filter(pinned_at__isnull=False, redacted_at__isnull=False)
    for pk in pinned.values_list("pk", flat=True).iterator():
        yield f"Message {pk} is redacted, but still pinned."
