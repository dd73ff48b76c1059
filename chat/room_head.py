"""What this process knows of a room's clock: announcements heard, holes read from the database.

An announcement is taken, dropped or found to leave a hole, once for all readers of the
process. A hole is read from the database by one reading at a time; what is heard meanwhile
waits for it.
"""

from __future__ import annotations

import asyncio
import logging

from chat import metrics, resume
from chat.announce import Announcement
from chat.database import in_database
from chat.errors import BusyError
from chat.resume import Part
from chat.tail import Tail

logger = logging.getLogger(__name__)

HEAD_RETRY_S = 1.0
EARLY_LIMIT = 1_000
"""So many announcements are kept while a hole is read from the database."""


class RoomHead:
    """The newest changes of one room. Used from the event loop alone."""

    def __init__(self, room_id: int) -> None:
        self.room_id = room_id
        self.tail: Tail | None = None
        self.heard = 0
        """The newest revision of which this process has heard, read or not."""
        self._era = 0
        """How often the store went back: what was read in an earlier era is of no use."""
        self._early: list[Announcement] = []
        """Heard while a hole was being read from the database; taken up after it."""
        self._healing: asyncio.Task[None] | None = None

    def moved(self) -> None:
        """The tail has changed; whoever tells it to readers overrides this."""

    def see_last_seq(self, last_seq: int) -> None:
        """The room has so many messages; whoever tells of unread ones overrides this."""

    def hear(self, announcement: Announcement) -> None:
        """Take an announcement: forward it, drop it, or find the hole that it leaves."""
        revision, since, parts = (
            announcement["revision"],
            announcement["since"],
            announcement["parts"],
        )
        self.heard = max(self.heard, revision)
        self.see_last_seq(announcement["last_seq"])
        tail = self.tail
        if tail is None or revision <= tail.head:
            return
        if self._healing is not None:
            # What is left out is seen by ``heard`` when the reading has ended.
            if len(self._early) < EARLY_LIMIT:
                self._early.append(announcement)
            return
        if since > tail.head or parts is None:
            metrics.GAPS_FOUND.inc()
            self._heal_soon()
            return
        tail.apply(revision, [Part(*part) for part in parts], announcement["facts"])
        tail.raise_floor(announcement.get("floor", 0))
        self.moved()

    def see_head(self, revision: int, last_seq: int) -> None:
        """Compare with the head in the database; ask for what was missed."""
        self.heard = max(self.heard, revision)
        self.see_last_seq(last_seq)
        if self.tail is not None and revision > self.tail.head:
            if self._healing is None:
                metrics.HEADS_BEHIND.inc()
            self._heal_soon()

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
            metrics.HOLES_FAILED.inc()
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
                tail.raise_floor(found.room.floor)
                self.see_head(found.room.revision, found.room.last_seq)
                metrics.HOLES_READ.inc()
                self.moved()
                return
        newest = await in_database(resume.read_newest_changes, self.room_id)
        if self._era != era:
            return
        self._believe(newest.room.revision, heard)
        self.tail = Tail(newest.since)
        self.tail.apply(newest.room.revision, newest.parts, newest.facts_json)
        self.see_head(newest.room.revision, newest.room.last_seq)
        if tail is not None:
            metrics.HOLES_READ.inc()
        self.moved()

    def _believe(self, revision: int, heard: int) -> None:
        """Take the database's word for the head against what was ``heard`` before it was asked."""
        if revision < heard == self.heard:
            self.heard = revision

    def start_over(self) -> None:
        """Forget what was heard: the store went back in time, and it may never have been."""
        self._era += 1
        self.tail = None
        self.heard = 0
        self._early.clear()
