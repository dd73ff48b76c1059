"""The store's invariants as queries: each breach becomes a sentence for the operator.

What ``docs/architecture.md`` promises of the room log is looked up here rather than
believed. The database does the counting, and rows come one by one, so that a store of
any size is read in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import IntegrityError, connection
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Length

from chat.models import AuditEntry, Membership, Message, Room, Store
from chat.search.indexes import the_index
from chat.verifying_moderation import a_count, find_moderation_damage

DIGEST_BYTES = 32
_TICKS_AND_NO_TRACE = [
    AuditEntry.Verb.PIN,
    AuditEntry.Verb.UNPIN,
    AuditEntry.Verb.RESTORE_MESSAGE,
]


def find_damage() -> Iterator[str]:
    """Yield a sentence for every breach of the store's invariants; nothing for a sound store."""
    for look in (
        _store_has_one_identity,
        _places_are_dense,
        _nothing_is_twice,
        _ticks_are_within_the_clock,
        _places_follow_the_clock,
        _tombstones_are_empty,
        _index_is_whole,
        find_moderation_damage,
        _memberships_add_up,
        _references_hold,
    ):
        yield from look()


def _store_has_one_identity() -> Iterator[str]:
    epochs = list(Store.objects.values_list("epoch", flat=True)[:2])
    if len(epochs) != 1 or not epochs[0]:
        yield "The store has no single epoch, so no cursor can be trusted."


def _places_are_dense() -> Iterator[str]:
    """Invariant 1: seq is 1..last_seq, each exactly once, tombstones included.

    Retention takes from the beginning: what is left is dense from the place after that on.
    """
    log = Message.objects.filter(room=OuterRef("pk")).order_by().values("room")
    rooms = Room.objects.annotate(
        places=a_count(log.annotate(n=Count("seq", distinct=True)).values("n")),
        lowest=a_count(log.annotate(n=Min("seq")).values("n")),
        highest=a_count(log.annotate(n=Max("seq")).values("n")),
    ).exclude(
        Q(last_seq=F("pruned_to_seq"), places=0)
        | Q(
            places=F("last_seq") - F("pruned_to_seq"),
            lowest=F("pruned_to_seq") + 1,
            highest=F("last_seq"),
        )
    )
    for room in rooms.values(
        "pk", "pruned_to_seq", "last_seq", "places", "lowest", "highest"
    ).iterator():
        yield (
            f"Room {room['pk']} should have the places {room['pruned_to_seq'] + 1} to "
            f"{room['last_seq']}, but has {room['places']} of them, from {room['lowest']} to "
            f"{room['highest']}."
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
        | Q(pruned_to_seq__gt=F("last_seq"))
        # Of what retention removed, the last had a tick of its own, and told it.
        | Q(pruned_to_seq__gt=F("floor"))
    )
    for pk in wrong.values_list("pk", flat=True).iterator():
        yield f"Room {pk} has facts, a floor or messages that are ahead of its clock."


def _places_follow_the_clock() -> Iterator[str]:
    """Invariant 2: of two messages that nobody touched since, the later place ticked later."""
    # A pin that was taken away and a redaction that was undone leave a trace in the audit alone.
    turned = AuditEntry.objects.filter(message=OuterRef("pk"), verb__in=_TICKS_AND_NO_TRACE)
    untouched = Message.objects.filter(~Exists(turned), edited_at=None, redacted_at=None)
    earlier = untouched.filter(room=OuterRef("room"), seq__lt=OuterRef("seq")).order_by("-seq")
    rows = untouched.annotate(before=Subquery(earlier.values("revision")[:1])).filter(
        before__gt=F("revision")
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


def _index_is_whole() -> Iterator[str]:
    """No door gives a redacted text, and search gives every other."""
    found, first = the_index().redacted()
    if found:
        yield f"Message {first} is redacted, but is found by its words ({found} such)."
    missing, first = the_index().missing()
    if missing:
        yield f"Message {first} is not in the index ({missing} such): run manage.py reindex."


def _memberships_add_up() -> Iterator[str]:
    members = Membership.objects.filter(room=OuterRef("pk")).order_by().values("room")
    rooms = Room.objects.annotate(
        members=a_count(members.annotate(n=Count("pk")).values("n")),
        owners=a_count(
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
