"""Telling after a commit: what goes over the channel layer, and nothing that must arrive.

The channel layer is a doorbell. Whoever misses an announcement sees the hole in the
revisions, or the head in the database a few seconds later, and asks. So an announcement
may be lost here (a full queue, a dead Redis), but it never delays or fails an answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from typing import Any, NotRequired, TypedDict

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

from chat import metrics

logger = logging.getLogger(__name__)

SEND_TIMEOUT_S = 2.0
QUEUE_LIMIT = 1_000
LAYER_ERRORS = (OSError, TimeoutError, RedisError)


class Announcement(TypedDict):
    """One change of one room, ready to be told."""

    type: str
    epoch: str
    """Of the store that changed: what is late from before a restore is not believed."""
    room: int
    since: int
    revision: int
    last_seq: int
    parts: list[list[Any]] | None
    """``[message id, revision, message as JSON text]`` each; None: too many, ask the database."""
    facts: str | None
    floor: NotRequired[int]
    """Where retention raised the floor: what is older is dropped from every memory."""


def room_group(room_id: int) -> str:
    """Return the channel-layer group of a room."""
    return f"room.{room_id}"


def person_group(user_id: int) -> str:
    """Return the channel-layer group of a person."""
    return f"person.{user_id}"


SITE_GROUP = "site.0"
"""The channel-layer group that every process is always in."""


def announce_on_commit(announcement: Announcement) -> None:
    """Tell the room's group once the open transaction is committed."""
    # robust: a fault in telling is logged and cannot fail what is committed already.
    transaction.on_commit(
        partial(_ring, room_group(announcement["room"]), announcement), robust=True
    )


def tell_person(user_id: int) -> None:
    """Ask every process to read again what this person may see, once committed."""
    message = {"type": "person", "user": user_id}
    transaction.on_commit(partial(_ring, person_group(user_id), message), robust=True)


def tell_outcome(user_id: int) -> None:
    """Tell a reporter what became of their report, once committed."""
    message = {"type": "outcome", "user": user_id}
    transaction.on_commit(partial(_ring, person_group(user_id), message), robust=True)


def tell_held(room_id: int) -> None:
    """Ask every process to read again which posts are held in a room, once committed."""
    message = {"type": "held", "room": room_id}
    transaction.on_commit(partial(_ring, room_group(room_id), message), robust=True)


def tell_site() -> None:
    """Ask every process to read again what holds for the whole site, once committed."""
    transaction.on_commit(partial(_ring, SITE_GROUP, {"type": "site"}), robust=True)


def tell_read(user_id: int, room_id: int, seq: int) -> None:
    """Tell a person's other windows at once how far they have read."""
    message = {"type": "read", "user": user_id, "room": room_id, "last_read_seq": seq}
    _ring(person_group(user_id), message)


class Bell:
    """Sends to the channel layer from the server's event loop, in order.

    What the layer does not take is at least heard in this process: ``hear`` is what the
    hub does with what it hears from the layer.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, hear: Callable[[Any], None]) -> None:
        self.loop = loop
        self._hear = hear
        self._waiting: deque[tuple[str, Any]] = deque(maxlen=QUEUE_LIMIT)
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many wait to be sent."""
        return len(self._waiting)

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and nothing is being sent."""
        return not self._waiting and self._task is None

    def ring(self, group: str, message: Any) -> None:
        """Send soon; callable from any thread."""
        if len(self._waiting) == QUEUE_LIMIT:
            metrics.ANNOUNCEMENTS_DROPPED.inc()
        self._waiting.append((group, message))
        self.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self._task is None and self._waiting:
            self._task = self.loop.create_task(self._send_all())

    async def _send_all(self) -> None:
        lost: Counter[str] = Counter()
        try:
            while self._waiting:
                group, message = self._waiting.popleft()
                try:
                    await _send_once(group, message)
                except LAYER_ERRORS as error:
                    # The others find it in the database. A layer that has just failed says
                    # so at once, so those behind it do not wait as long.
                    lost[type(error).__name__] += 1
                    metrics.LAYER_ERRORS.labels("send").inc()
                    metrics.ANNOUNCEMENTS_DROPPED.inc()
                    self.loop.call_soon(self._hear, message)
        finally:
            self._task = None
            if lost:
                logger.warning(
                    "channel layer: %s announcements lost (%s)", lost.total(), ", ".join(lost)
                )
        self._wake()


_bells: list[Bell] = []


def hang_bell(loop: asyncio.AbstractEventLoop, hear: Callable[[Any], None]) -> None:
    """Make ``loop`` the one that tells for this process. The hub does so at its start."""
    _bells[:] = [Bell(loop, hear)]


def announcements_waiting() -> int:
    """Return how many announcements of this process wait to be sent."""
    return sum(bell.waiting for bell in _bells)


def is_all_told() -> bool:
    """Whether this process has nothing left to announce."""
    return all(bell.is_idle for bell in _bells)


def _ring(group: str, message: Any) -> None:
    for bell in _bells:
        if not bell.loop.is_closed():
            bell.ring(group, message)
            return
    # No server runs in this process (a management command, a shell): tell the others.
    try:
        async_to_sync(_send_once)(group, message)
    except LAYER_ERRORS as error:
        logger.warning("channel layer: an announcement lost (%s)", type(error).__name__)


async def _send_once(group: str, message: Any) -> None:
    async with asyncio.timeout(SEND_TIMEOUT_S):
        await get_channel_layer().group_send(group, message)
