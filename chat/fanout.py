"""One room in this process, told to everybody here who follows it.

A frame is put together once; a plain loop hands it to every feed, and waits for none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from chat import metrics, resume
from chat.database import in_database
from chat.errors import ChatError
from chat.feed import Feed
from chat.models import Room
from chat.resume import Snapshot
from chat.room_head import RoomHead
from chat.shared_frame import SharedFrame
from chat.snapshots import snapshot_of
from chat.tail import frames
from chat.unread import UnreadBell

logger = logging.getLogger(__name__)

FEEDS_PER_TURN = 250
"""After so many sends the loop may do something else, to keep it awake in large rooms."""
REST_LIMIT_S = 0.05
"""After a frame was told to all, the next one waits as long as that took, at most so long."""


class Fanout(RoomHead):
    """Tells the feeds of one room. Used from the event loop alone."""

    def __init__(self, room_id: int) -> None:
        super().__init__(room_id)
        self.joining: asyncio.Task[None] | None = None
        """Joins the room's group; who follows waits for it, so that nothing is missed."""
        self.feeds: set[Feed] = set()
        self.unread = UnreadBell(room_id)
        self._told = 0
        self._passed = 0
        """How often a feed was passed over: its socket takes nothing, or it has what there is."""
        self._rested_at = 0.0
        """When the next frame may be put together, by the loop's clock."""
        self._readings: dict[
            tuple[int, int], asyncio.Task[tuple[list[SharedFrame] | None, int]]
        ] = {}
        """Under way to the database, by the cursor that they start from."""
        self._flushing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nobody here cares for the room any more."""
        return not self.feeds and not self.unread.watchers

    def see_head(self, revision: int, last_seq: int) -> None:
        super().see_head(revision, last_seq)
        for feed in list(self.feeds):
            self.catch_up(feed)

    def see_last_seq(self, last_seq: int) -> None:
        self.unread.see(last_seq)

    def moved(self) -> None:
        """Tell what is new soon."""
        if self._flushing is None:
            # A task, not a call: what else is ready to be heard shares the frame then.
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self.tail is not None and self._told != self.tail.head:
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
        stood_at, self._told = self._told, revision
        passed, count = self._passed, 0
        for count, feed in enumerate(list(self.feeds), start=1):
            # The tail is asked each time: in a large room something may be redacted while
            # the first are told, and the last must not be told its text then.
            self.catch_up(feed)
            if count % FEEDS_PER_TURN == 0:
                await asyncio.sleep(0)
        passed = self._passed - passed
        if count > passed:
            metrics.count_telling(count, passed, self._bytes_since(stood_at))

    def _bytes_since(self, cursor: int) -> int:
        """The size of the frame that nearly all readers were told: who stood at ``cursor``."""
        frame = None if self.tail is None else self.tail.shared_since(self.room_id, cursor)
        return 0 if frame is None else len(frame.wire)

    def catch_up(self, feed: Feed) -> None:
        """Bring a feed that stands behind to the head, if its socket can be written to."""
        tail = self.tail
        if not feed.live or tail is None or feed.cursor >= tail.head:
            self._passed += 1
            return
        if feed.connection.outlet.blocked:
            self._passed += 1
            return
        frame = tail.shared_since(self.room_id, feed.cursor)
        if frame is not None:
            if feed.connection.outlet.offer(frame):
                feed.cursor = tail.head
            else:
                self._passed += 1
            return
        self._passed += 1
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
                metrics.RESETS.inc()
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
            metrics.RESUMES.labels("tail").inc()
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
        shared, revision = await asyncio.shield(reading)
        metrics.RESUMES.labels("snapshot" if shared is None else "database").inc()
        return shared, revision

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

    def start_over(self) -> None:
        super().start_over()
        self.unread.start_over()
        self._told = 0

    def stop(self) -> None:
        """Forget the room: nobody here cares for it."""
        self.unread.stop()


def _read_snapshot(room_id: int) -> Snapshot:
    return snapshot_of(Room.objects.get(pk=room_id))
