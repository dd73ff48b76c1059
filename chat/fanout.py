"""One room in this process: its head, its newest changes, and who follows it.

An announcement is forwarded, dropped or found to leave a hole, once for all readers of
the process. A frame is put together once; a plain loop hands it to every feed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chat import payloads, resume
from chat.announce import Announcement
from chat.database import in_database
from chat.errors import BusyError, ChatError
from chat.models import Room
from chat.resume import Part, Snapshot
from chat.shared_frame import SharedFrame
from chat.snapshots import snapshot_of
from chat.tail import Tail, frames

if TYPE_CHECKING:
    from chat.connection import Connection

logger = logging.getLogger(__name__)

FEEDS_PER_TURN = 250
"""After so many sends the loop may do something else, to keep it awake in large rooms."""
UNREAD_EVERY_S = 0.2
HEAD_RETRY_S = 1.0
REST_LIMIT_S = 0.05
"""After a frame was told to all, the next one waits as long as that took, at most so long."""
EARLY_LIMIT = 1_000
"""So many announcements are kept while a hole is read from the database."""


class Feed:
    """One connection following one room from a cursor."""

    __slots__ = ("connection", "cursor", "fanout", "live", "members_only")

    def __init__(self, fanout: Fanout, connection: Connection) -> None:
        self.fanout = fanout
        self.connection = connection
        self.members_only = False
        """Whether the room is not open, so that the feed ends with the membership."""
        self.cursor = -1
        """The revision up to which everything was written to the socket."""
        self.live = False
        """Whether announcements may be forwarded: its first answer is written."""

    @property
    def is_followed(self) -> bool:
        """Whether its connection still follows the room by it."""
        return self.connection.feeds.get(self.fanout.room_id) is self

    def go_live(self, cursor: int) -> None:
        """Stand at ``cursor`` from now on, and be told what comes after it."""
        self.cursor = cursor
        self.live = True
        self.fanout.catch_up(self)

    def stop(self) -> None:
        """Be told nothing more."""
        self.live = False
        self.cursor = -1
        self.fanout.feeds.discard(self)


class Fanout:
    """Tells the feeds of one room. Used from the event loop alone."""

    def __init__(self, room_id: int) -> None:
        self.room_id = room_id
        self.joining: asyncio.Task[None] | None = None
        """Joins the room's group; who follows waits for it, so that nothing is missed."""
        self.feeds: set[Feed] = set()
        self.watchers: set[Connection] = set()
        """Members' connections; those that do not follow the room hear of unread ones."""
        self.tail: Tail | None = None
        self.heard = 0
        """The newest revision of which this process has heard, read or not."""
        self.last_seq = 0
        self._told = 0
        self._era = 0
        """How often the store went back: what was read in an earlier era is of no use."""
        self._rested_at = 0.0
        """When the next frame may be put together, by the loop's clock."""
        self._readings: dict[
            tuple[int, int], asyncio.Task[tuple[list[SharedFrame] | None, int]]
        ] = {}
        """Under way to the database, by the cursor they start from and what was heard."""
        self._early: list[Announcement] = []
        """Heard while a hole was being read from the database; taken up after it."""
        self._flushing: asyncio.Task[None] | None = None
        self._healing: asyncio.Task[None] | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nobody here cares for the room any more."""
        return not self.feeds and not self.watchers

    # --- Hearing ---------------------------------------------------------------------

    def hear(self, announcement: Announcement) -> None:
        """Take an announcement: forward it, drop it, or find the hole that it leaves."""
        revision, since, parts = (
            announcement["revision"],
            announcement["since"],
            announcement["parts"],
        )
        self.heard = max(self.heard, revision)
        self._see_last_seq(announcement["last_seq"])
        tail = self.tail
        if tail is None or revision <= tail.head:
            return
        if self._healing is not None:
            # What is left out is seen by ``heard`` when the reading has ended.
            if len(self._early) < EARLY_LIMIT:
                self._early.append(announcement)
            return
        if since > tail.head or parts is None:
            self._heal_soon()
            return
        tail.apply(revision, [Part(*part) for part in parts], announcement["facts"])
        self._flush_soon()

    def see_head(self, revision: int, last_seq: int) -> None:
        """Compare with the head in the database; ask for what was missed."""
        self.heard = max(self.heard, revision)
        self._see_last_seq(last_seq)
        if self.tail is not None and revision > self.tail.head:
            self._heal_soon()
        for feed in list(self.feeds):
            self.catch_up(feed)

    async def catch_up_to(self, revision: int) -> Tail:
        """Return the tail once it has reached ``revision``, reading it where need be.

        ``revision`` has been in the database; raises ``BusyError`` where it is no longer.
        """
        self.heard = max(self.heard, revision)
        # A reading that is under way may have begun too early; the next one has not.
        for _ in range(3):
            if self.tail is not None and self.tail.head >= revision:
                return self.tail
            # One reader that goes away must not end the reading for the others.
            await asyncio.shield(self._heal_soon())
        raise BusyError(retry_after=HEAD_RETRY_S)

    def _heal_soon(self) -> asyncio.Task[None]:
        if self._healing is None:
            self._healing = asyncio.get_running_loop().create_task(self._heal())
            self._healing.add_done_callback(self._healed)
        return self._healing

    async def _heal(self) -> None:
        try:
            await self._read_missed()
        finally:
            # Here, not when the task is told to be done: who comes between the two would
            # wait for an ended reading, again and again, without ever giving way.
            self._healing = None

    def _healed(self, task: asyncio.Task[None]) -> None:
        early, self._early = self._early, []
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            # The hole stays for the next look at the heads.
            logger.warning("room %s could not be read: %r", self.room_id, error)
            return
        for announcement in early:
            self.hear(announcement)
        if self.tail is not None and self.heard > self.tail.head:
            self._heal_soon()

    async def _read_missed(self) -> None:
        tail, heard, era = self.tail, self.heard, self._era
        if tail is not None:
            found = await in_database(resume.changes_since, self.room_id, tail.head)
            if self._era != era:
                return
            if found is not None:
                self._believe(found.room.revision, heard)
                tail.apply(found.room.revision, found.parts, found.facts_json)
                self.see_head(found.room.revision, found.room.last_seq)
                self._flush_soon()
                return
        newest = await in_database(resume.read_newest_changes, self.room_id)
        if self._era != era:
            return
        self._believe(newest.room.revision, heard)
        self.tail = Tail(newest.since)
        self.tail.apply(newest.room.revision, newest.parts, newest.facts_json)
        self.see_head(newest.room.revision, newest.room.last_seq)
        if tail is None or self._told > self.tail.head:
            self._told = self.tail.head
        self._flush_soon()

    def _believe(self, revision: int, heard: int) -> None:
        """Take the database's word for the head against what was ``heard`` before it was asked."""
        if revision < heard == self.heard:
            self.heard = revision

    # --- Telling those who follow -------------------------------------------------------

    def _flush_soon(self) -> None:
        if self._flushing is None:
            # A task, not a call: what else is ready to be heard shares the frame then.
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self.tail is not None and self._told < self.tail.head:
                # Under load the room is told half of the time at most: what is posted
                # meanwhile shares the next frame. Idle, that moment is long past.
                if (wait := self._rested_at - loop.time()) > 0:
                    await asyncio.sleep(wait)
                started = loop.time()
                await self._flush_once(self.tail.head)
                ended = loop.time()
                self._rested_at = ended + min(ended - started, REST_LIMIT_S)
        finally:
            self._flushing = None

    async def _flush_once(self, revision: int) -> None:
        self._told = revision
        for count, feed in enumerate(list(self.feeds), start=1):
            # The tail is asked each time: in a large room something may be redacted while
            # the first are told, and the last must not be told its text then.
            self.catch_up(feed)
            if count % FEEDS_PER_TURN == 0:
                await asyncio.sleep(0)

    def catch_up(self, feed: Feed) -> None:
        """Bring a feed that stands behind to the head, if its socket can be written to."""
        tail = self.tail
        if not feed.live or tail is None or feed.cursor >= tail.head:
            return
        if feed.connection.outlet.blocked:
            return
        frame = tail.shared_since(self.room_id, feed.cursor)
        if frame is not None:
            if feed.connection.outlet.offer(frame):
                feed.cursor = tail.head
            return
        feed.live = False
        self._spawn(self._resume(feed))

    async def _resume(self, feed: Feed) -> None:
        try:
            cursor = await self.write_since(feed, feed.cursor)
        except ChatError as error:
            logger.warning("a feed of room %s stays behind: %s", self.room_id, error.code)
            # Behind, but alive: the next change or look at the heads tries again.
            feed.live = feed.is_followed
            return
        except Exception:
            logger.exception("a feed of room %s stays behind", self.room_id)
            feed.live = feed.is_followed
            return
        if not feed.is_followed:
            return
        if cursor > feed.cursor:
            feed.go_live(cursor)
        else:
            # The database knows of nothing more: only a store that went back is behind its
            # tail, and the next look at the heads finds that out.
            feed.live = True

    async def write_since(self, feed: Feed, cursor: int) -> int:
        """Write what changed after ``cursor``, or a reset; return where the feed stands then."""
        # One room of a socket at a time, and read only when it can be written: a slow reader
        # of many rooms does not keep them all in memory, nor get texts redacted meanwhile.
        async with feed.connection.resuming:
            await feed.connection.outlet.drained()
            shared, revision = await self.changes_or_none(cursor)
            if shared is None:
                snapshot = await self.snapshot()
                text = f'{{"type":"reset","room":{self.room_id},"snapshot":{snapshot.text}}}'
                shared, revision = [SharedFrame(text)], snapshot.revision
            for frame in shared:
                await feed.connection.outlet.write_shared(frame)
            return revision

    async def changes_or_none(self, cursor: int) -> tuple[list[SharedFrame] | None, int]:
        """Return the frames after ``cursor`` and the revision they reach; None: snapshot only."""
        tail = self.tail
        if tail is not None and tail.covers(cursor):
            texts = tail.frames_since(self.room_id, cursor)
            return [SharedFrame(text) for text in texts], tail.head
        # Readers who fell behind together ask for the same, and it is read once. What was
        # heard is part of the question: nobody gets a text from before a redaction that
        # this process has heard of.
        question = (cursor, self.heard)
        reading = self._readings.get(question)
        if reading is None:
            reading = asyncio.get_running_loop().create_task(self._read_since(cursor))
            self._readings[question] = reading
            reading.add_done_callback(lambda _: self._readings.pop(question, None))
        return await asyncio.shield(reading)

    async def _read_since(self, cursor: int) -> tuple[list[SharedFrame] | None, int]:
        found = await in_database(resume.changes_since, self.room_id, cursor)
        if found is None:
            return None, 0
        revision = found.room.revision
        texts = frames(self.room_id, cursor, revision, found.parts, found.facts_json)
        return [SharedFrame(text) for text in texts], revision

    async def snapshot(self) -> Snapshot:
        """Return a snapshot at the head of the database."""
        return await in_database(_read_snapshot, self.room_id)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- Telling members who look elsewhere ------------------------------------------------

    def _see_last_seq(self, last_seq: int) -> None:
        if last_seq <= self.last_seq:
            return
        self.last_seq = last_seq
        if self._unread_timer is None and self.watchers:
            loop = asyncio.get_running_loop()
            self._unread_timer = loop.call_later(UNREAD_EVERY_S, self._tell_unread)

    def _tell_unread(self) -> None:
        self._unread_timer = None
        text = payloads.encode({"type": "unread", "room": self.room_id, "last_seq": self.last_seq})
        for connection in list(self.watchers):
            if self.room_id not in connection.feeds:
                connection.outlet.tell(text)

    def start_over(self) -> None:
        """Forget what was heard: the store went back in time, and it may never have been."""
        self._era += 1
        self.tail = None
        self.heard = self.last_seq = self._told = 0
        self._early.clear()

    def stop(self) -> None:
        """Forget the room: nobody here cares for it."""
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None


def _read_snapshot(room_id: int) -> Snapshot:
    return snapshot_of(Room.objects.get(pk=room_id))
