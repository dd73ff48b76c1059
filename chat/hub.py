"""One hub a process: it follows the channel layer for every socket here, in one channel.

A consumer of its own in each group costs a hundred microseconds a delivery; one hub and
a plain loop over its sockets costs five. What the channel layer loses the hub finds in
the database: it reads the heads of its rooms every few seconds, and what connected
people may see every ten.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Coroutine, Iterable
from contextvars import Context
from typing import Any

from chat import metrics, resume
from chat.announce import hang_bell, person_group, room_group
from chat.connection import Connection
from chat.database import in_database
from chat.fanout import Fanout
from chat.feed import Feed
from chat.groups import Groups
from chat.pings import Pings
from chat.places import Places
from chat.recheck import recheck, tell_outcomes
from chat.self_bell import SelfBell
from chat.site_watch import SiteWatch
from chat.watches import Watches

logger = logging.getLogger(__name__)


class Hub:
    """Used from one event loop alone; ``get_hub`` makes it."""

    draining = False
    """Whether this process is about to stop, so that proxies should send nobody here."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.people: dict[int, set[Connection]] = defaultdict(set)
        self.places = Places()
        self.fanouts: dict[int, Fanout] = {}
        self.closing = False
        """Whether it stops now: who comes is sent away, who is here told to come back."""
        self.epoch = ""
        self.groups = Groups(is_needed=self._is_needed)
        self.watches = Watches(self)
        self.site = SiteWatch(self)
        self.self_bell = SelfBell(self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._emptied = asyncio.Event()
        self._starting: asyncio.Future[None] | None = None

    # --- Starting --------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the hub's channel and begin to listen; does nothing the second time."""
        if self._starting is None or _has_failed(self._starting):
            self._starting = asyncio.ensure_future(self._start())
        await asyncio.shield(self._starting)

    async def _start(self) -> None:
        hang_bell(asyncio.get_running_loop(), self._hear)
        await self.groups.open()
        self.epoch = await in_database(resume.store_epoch)
        # Whatever may fail comes first: a second try must not listen twice.
        await self.site.start()
        self.spawn(self.groups.listen(self._hear))
        watches = (
            self.groups.watch,
            self.watches.heads,
            self.watches.grants,
            self.watches.site,
            self.watches.expiry,
            self.self_bell.run,
            self.places.run,
        )
        for work in (*watches, Pings(self).run):
            self.spawn(work())

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run ``work`` beside everything else; its failure is logged."""
        # A context of its own: what the hub does is no socket's work, though one began it.
        task = asyncio.get_running_loop().create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._spawned)
        return task

    def _spawned(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a task of the hub failed", exc_info=error)

    # --- Connections ------------------------------------------------------------------------

    def add(self, connection: Connection, roles: dict[int, str]) -> None:
        """Take a connection in that has its place, with the rooms its person belongs to."""
        self.connections.add(connection)
        metrics.SOCKETS_OPENED.inc()
        self.people[connection.user.pk].add(connection)
        self.spawn(self.groups.join(person_group(connection.user.pk)))
        self.watch(connection, roles)

    def remove(self, connection: Connection) -> None:
        """Forget a connection."""
        if connection not in self.connections:
            return
        followed = list(connection.feeds)
        connection.stop()
        self.connections.discard(connection)
        if not self.connections:
            self._emptied.set()
        mine = self.people[connection.user.pk]
        mine.discard(connection)
        if not mine:
            del self.people[connection.user.pk]
            self.spawn(self.groups.leave(person_group(connection.user.pk)))
        self.places.leave(connection.user.pk, connection.address)
        for room_id in {*connection.roles, *followed}:
            self.unwatch(connection, room_id)

    def watch(self, connection: Connection, roles: dict[int, str]) -> None:
        """Let a connection hear of what is unread in these rooms of its person."""
        connection.roles.update(roles)
        for room_id in roles:
            self.open_fanout(room_id).unread.watchers.add(connection)

    async def follow(self, connection: Connection, room_id: int) -> Feed:
        """Return a feed of the room, joined to its group, that is not live yet."""
        feed = Feed(self.open_fanout(room_id), connection)
        # Before anything is waited for: an idle fanout would be dropped, and this feed deaf.
        feed.fanout.feeds.add(feed)
        connection.feeds[room_id] = feed
        if feed.fanout.joining is not None:
            await asyncio.wait({feed.fanout.joining})
        return feed

    def unfollow(self, connection: Connection, room_id: int) -> None:
        """End what ``follow`` began, if it did."""
        connection.unfollow(room_id)
        self.drop_if_idle(room_id)

    def unwatch(self, connection: Connection, room_id: int) -> None:
        """End what ``watch`` and following began."""
        connection.roles.pop(room_id, None)
        connection.unfollow(room_id)
        fanout = self.fanouts.get(room_id)
        if fanout is not None:
            fanout.unread.watchers.discard(connection)
            self.drop_if_idle(room_id)

    def open_fanout(self, room_id: int) -> Fanout:
        """Return the fanout of a room, which joins the room's group."""
        fanout = self.fanouts.get(room_id)
        if fanout is None:
            fanout = self.fanouts[room_id] = Fanout(room_id)
            fanout.joining = self.spawn(self.groups.join(room_group(room_id)))
        return fanout

    def drop_if_idle(self, room_id: int) -> None:
        """Leave the group of a room for which nobody here cares any more."""
        fanout = self.fanouts.get(room_id)
        if fanout is not None and fanout.is_idle:
            self._drop(room_id)

    def _drop(self, room_id: int) -> None:
        self.fanouts.pop(room_id).stop()
        self.spawn(self.groups.leave(room_group(room_id)))

    # --- The channel layer --------------------------------------------------------------------

    def _is_needed(self, group: str) -> bool:
        """Whether somebody here still cares for what is told in ``group``."""
        kind, _, number = group.partition(".")
        if kind in ("site", "probe"):
            return True
        return int(number) in (self.fanouts if kind == "room" else self.people)

    def _hear(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "changes":
                fanout = self.fanouts.get(message["room"])
                if fanout is not None and message["epoch"] == self.epoch:
                    fanout.hear(message)  # type: ignore[arg-type]
            case "person":
                self.spawn(recheck(self, [message["user"]]))
            case "probe":
                self.self_bell.hear(message)
            case "outcome":
                self.spawn(tell_outcomes(self, [message["user"]]))
            case "site":
                self.spawn(self.site.look())
            case "held":
                self.spawn(self.site.held(message["room"]))
            case "read":
                frame = {
                    "type": "read",
                    "room": message["room"],
                    "last_read_seq": message["last_read_seq"],
                }
                for connection in list(self.people.get(message["user"], ())):
                    connection.tell(frame)

    async def flushed(self) -> None:
        """Return when every socket that is being closed has gone, or is not going to."""
        while self.connections:
            self._emptied = asyncio.Event()
            await self._emptied.wait()

    def connections_of(self, user_ids: Iterable[int]) -> list[Connection]:
        """Return the connections of these people."""
        return [connection for pk in user_ids for connection in self.people.get(pk, ())]


def _has_failed(task: asyncio.Future[None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


async def get_hub() -> Hub:
    """Return the hub of the running event loop, started."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        for closed in [other for other in _hubs if other.is_closed()]:
            del _hubs[closed]
        hub = _hubs[loop] = Hub()
    await hub.start()
    return hub


def running_hub() -> Hub | None:
    """Return the hub of the running event loop, if there is one."""
    return _hubs.get(asyncio.get_running_loop())
