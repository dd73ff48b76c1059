"""The store's invariants as queries: each breach becomes a sentence for the operator.

What ``docs/architecture.md`` promises of the room log is looked up here rather than
believed. The database does the counting, and rows come one by one, so that a store of
any size is read in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Length

from chat.models import AuditEntry, Membership, Message, Room, Store

DIGEST_BYTES = 32


def find_damage() -> Iterator[str]:
    """Yield a sentence for every breach of the store's invariants; nothing for a sound store."""
    for look in (
        _store_has_one_identity,
        _places_are_dense,
        _nothing_is_twice,
        _ticks_are_within_the_clock,
        _places_follow_the_clock,
        _tombstones_are_empty,
        _moderation_is_audited,
        _memberships_add_up,
        _references_hold,
    ):
        yield from look()


def _store_has_one_identity() -> Iterator[str]:
    epochs = list(Store.objects.values_list("epoch", flat=True)[:2])
    if len(epochs) != 1 or not epochs[0]:
        yield "The store has no single epoch, so no cursor can be trusted."


def _places_are_dense() -> Iterator[str]:
    """Invariant 1: seq is 1..last_seq, each exactly once, tombstones included."""
    log = Message.objects.filter(room=OuterRef("pk")).order_by().values("room")
    rooms = Room.objects.annotate(
        places=_count(log.annotate(n=Count("seq", distinct=True)).values("n")),
        lowest=_count(log.annotate(n=Min("seq")).values("n")),
        highest=_count(log.annotate(n=Max("seq")).values("n")),
    ).exclude(
        Q(last_seq=0, places=0)
        | Q(places=F("last_seq"), lowest=1, highest=F("last_seq"), last_seq__gt=0)
    )
    for room in rooms.values("pk", "last_seq", "places", "lowest", "highest").iterator():
        yield (
            f"Room {room['pk']} should have the places 1 to {room['last_seq']}, but has "
            f"{room['places']} of them, from {room['lowest']} to {room['highest']}."
        )


def _nothing_is_twice() -> Iterator[str]:
    """Invariants 1 to 3: the constraints say so; a damaged index would not."""
    for columns, sentence in (
        (("room", "seq"), "Room {} has more than one message at place {}."),
        (("room", "revision"), "Room {} has more than one change at revision {}."),
        (("author", "nonce"), "Person {} has more than one message of the nonce {}."),
    ):
        twice = Message.objects.order_by().values(*columns).annotate(n=Count("pk"))
        for row in twice.filter(n__gt=1).values_list(*columns).iterator():
            yield sentence.format(*row)


def _ticks_are_within_the_clock() -> Iterator[str]:
    """Invariant 2: no revision is one that the room's clock has not reached."""
    ahead = Message.objects.filter(Q(revision__gt=F("room__revision")) | Q(revision__lt=F("seq")))
    for pk, room_id, revision in ahead.values_list("pk", "room_id", "revision").iterator():
        yield f"Message {pk} has revision {revision}, which room {room_id} cannot have given it."
    wrong = Room.objects.filter(
        Q(facts_revision__gt=F("revision"))
        | Q(floor__gt=F("revision"))
        | Q(last_seq__gt=F("revision"))
    )
    for pk in wrong.values_list("pk", flat=True).iterator():
        yield f"Room {pk} has facts, a floor or messages that are ahead of its clock."


def _places_follow_the_clock() -> Iterator[str]:
    """Invariant 2: of two messages that nobody touched since, the later place ticked later."""
    untouched = {"edited_at": None, "redacted_at": None}
    earlier = Message.objects.filter(
        room=OuterRef("room"), seq__lt=OuterRef("seq"), **untouched
    ).order_by("-seq")
    rows = (
        Message.objects.filter(**untouched)
        .annotate(before=Subquery(earlier.values("revision")[:1]))
        .filter(before__gt=F("revision"))
    )
    for room_id, seq in rows.values_list("room_id", "seq").iterator():
        yield f"Room {room_id}: the message at place {seq} was stored before the one above it."


def _tombstones_are_empty() -> Iterator[str]:
    """A redacted text is gone; one that is there was never redacted, and is not empty."""
    tombstone = Q(redacted_at__isnull=False)
    for pk in Message.objects.filter(tombstone).exclude(body="").values_list("pk", flat=True):
        yield f"Message {pk} is redacted, but still has a text."
    halves = Message.objects.filter(
        Q(tombstone, redacted_by="") | Q(redacted_at=None) & ~Q(redacted_by="")
    )
    for pk in halves.values_list("pk", flat=True).iterator():
        yield f"Message {pk} is only half redacted."
    for pk in Message.objects.filter(redacted_at=None, body="").values_list("pk", flat=True):
        yield f"Message {pk} has no text, but was not redacted."
    short = Message.objects.annotate(n=Length("nonce_digest")).exclude(n=DIGEST_BYTES)
    for pk in short.values_list("pk", flat=True).iterator():
        yield f"Message {pk} cannot tell a retry of its post from another text."


def _moderation_is_audited() -> Iterator[str]:
    """Invariant 5: what a moderator redacted has exactly one entry: who, whose, and why."""
    entries = (
        AuditEntry.objects.filter(
            message=OuterRef("pk"),
            verb=AuditEntry.Verb.REDACT,
            actor__isnull=False,
            target=OuterRef("author"),
            room=OuterRef("room"),
        )
        .order_by()
        .values("message")
    )
    moderated = Message.objects.filter(redacted_by=Message.RedactedBy.MODERATOR)
    counted = moderated.annotate(entries=_count(entries.annotate(n=Count("pk")).values("n")))
    for pk, count in counted.exclude(entries=1).values_list("pk", "entries").iterator():
        yield f"Message {pk} was redacted by a moderator and has {count} audit entries, not one."


def _memberships_add_up() -> Iterator[str]:
    members = Membership.objects.filter(room=OuterRef("pk")).order_by().values("room")
    rooms = Room.objects.annotate(
        members=_count(members.annotate(n=Count("pk")).values("n")),
        owners=_count(
            members.filter(role=Membership.Role.OWNER).annotate(n=Count("pk")).values("n")
        ),
    )
    wrong = rooms.exclude(member_count=F("members"))
    for pk, said, count in wrong.values_list("pk", "member_count", "members").iterator():
        yield f"Room {pk} says that it has {said} members, and has {count}."
    orphaned = rooms.filter(members__gt=0, owners=0).exclude(kind=Room.Kind.DIRECT)
    for pk in orphaned.values_list("pk", flat=True).iterator():
        yield f"Room {pk} has members, but no owner."
    ahead = Membership.objects.filter(last_read_seq__gt=F("room__last_seq"))
    for user_id, room_id in ahead.values_list("user_id", "room_id").iterator():
        yield f"Person {user_id} has read room {room_id} past its end."


def _references_hold() -> Iterator[str]:
    try:
        connection.check_constraints()
    except IntegrityError as error:
        yield f"A reference leads nowhere: {error}"


def _count(rows: QuerySet[Any, Any]) -> Coalesce:
    """A grouped subquery's number, 0 where there is no row to count."""
    return Coalesce(Subquery(rows), Value(0))
