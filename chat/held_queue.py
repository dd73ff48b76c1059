"""The queue of held posts: who is told what of it, as it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Q

from chat import payloads
from chat.connection import Connection
from chat.database import in_database
from chat.models import HeldPost
from chat.protocol import HELD_SHOWN

if TYPE_CHECKING:
    from chat.hub import Hub

_SEEN_BY_AUTHOR = Q(status="waiting") | Q(status="rejected", heard_at__isnull=True)
OWN_POSTS_READ = 1_000
"""Of all authors who are connected together: a raid must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What somebody may have to be told of in a room, oldest first."""

    waiting: int
    """How many there are for the moderators."""
    first: list[HeldPost]
    """The first of them."""
    by_author: dict[int, list[HeldPost]]
    """What authors see of their own: also what was rejected, until they have heard of it."""


def read_queue(room_id: int, author_ids: Collection[int]) -> Queue:
    """Return the queue of a room as moderators see it, and as these authors do."""
    rows = HeldPost.objects.filter(room_id=room_id).select_related("author").order_by("pk")
    waiting = rows.filter(status=HeldPost.Status.WAITING)
    first = list(waiting[:HELD_SHOWN])
    by_author = defaultdict(list)
    for post in rows.filter(_SEEN_BY_AUTHOR, author_id__in=author_ids)[:OWN_POSTS_READ]:
        by_author[post.author_id].append(post)
    return Queue(len(first) if len(first) < HELD_SHOWN else waiting.count(), first, dict(by_author))


def read_queue_marks() -> dict[int, tuple[int, int]]:
    """Return, by room, something that changes whenever its queue does."""
    rows = HeldPost.objects.filter(_SEEN_BY_AUTHOR).values("room_id")
    marks = rows.annotate(n=Count("pk"), last=Max("pk"), waiting=Count("pk", Q(status="waiting")))
    return {row["room_id"]: (row["last"], row["n"] * 1_000_000 + row["waiting"]) for row in marks}


def frame_for(connection: Connection, room_id: int, queue: Queue) -> dict[str, Any]:
    """Return the ``held`` frame of one socket."""
    seen = queue.by_author.get(connection.user.pk, [])
    waiting = sum(post.status == HeldPost.Status.WAITING for post in seen)
    if connection.leads(room_id):
        rejected = [post for post in seen if post.status == HeldPost.Status.REJECTED]
        seen, waiting = [*rejected, *queue.first], queue.waiting
    posts = [_held(post) for post in sorted(seen[:HELD_SHOWN], key=lambda post: post.pk)]
    return {"type": "held", "room": room_id, "posts": posts, "waiting": waiting}


def _held(post: HeldPost) -> dict[str, Any]:
    return {
        "id": post.pk,
        "author": payloads.person_of(post.author),
        "nonce": post.nonce,
        "body": post.body,
        "created_at": post.created_at,
        "cause": post.cause,
        "status": post.status,
        "reason": post.reason,
    }


async def tell_queue(hub: Hub, room_id: int) -> None:
    """Tell everybody here whom it concerns how the queue of a room stands now."""
    fanout = hub.fanouts.get(room_id)
    if fanout is None:
        return
    here = {feed.connection for feed in fanout.feeds} | set(fanout.unread.watchers)
    queue = await in_database(read_queue, room_id, {connection.user.pk for connection in here})
    for connection in here:
        tell_one(connection, room_id, queue)


async def tell_newcomer(connection: Connection, room_id: int) -> None:
    """Tell a socket that follows or leads a room from now on, if there is anything to tell."""
    tell_one(connection, room_id, await in_database(read_queue, room_id, [connection.user.pk]))


def tell_one(connection: Connection, room_id: int, queue: Queue) -> None:
    """Tell one socket; of an empty queue only where it was told of another before."""
    frame = frame_for(connection, room_id, queue)
    if frame["posts"]:
        connection.told_held.add(room_id)
    elif room_id not in connection.told_held:
        return
    else:
        connection.told_held.discard(room_id)
    connection.tell(frame)
