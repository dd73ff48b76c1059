"""The newest changes of one room, in memory: current forms, not a log of events.

A message that changes replaces its former entry, so a redacted text is gone from here
the moment its tombstone arrives, and can never be replayed to a slow reader.
"""

from __future__ import annotations

from collections.abc import Iterable

from chat import payloads
from chat.protocol import CHANGES_PER_FRAME
from chat.resume import Part
from chat.shared_frame import SharedFrame

TAIL_MESSAGES = 512
TAIL_CHARS = 256 * 1024


class Tail:
    """Answers ``what changed since`` for every cursor from ``start`` to ``head``."""

    __slots__ = ("_chars", "_facts", "_facts_revision", "_parts", "_shared", "head", "start")

    def __init__(self, head: int) -> None:
        self.head = head
        """The newest revision that this process has heard of."""
        self.start = head
        """The oldest cursor that can be answered from here."""
        self._parts: dict[int, Part] = {}
        self._chars = 0
        self._facts: str | None = None
        self._facts_revision = 0
        self._shared: dict[int, SharedFrame | None] = {}

    @property
    def messages(self) -> int:
        """How many messages are kept."""
        return len(self._parts)

    @property
    def chars(self) -> int:
        """How many characters they have as JSON."""
        return self._chars

    def apply(self, revision: int, parts: Iterable[Part], facts: str | None) -> None:
        """Take in what changed between the head and ``revision``."""
        for part in parts:
            former = self._parts.pop(part.message_id, None)
            if former is not None:
                self._chars -= len(former.text)
            # Put back at the end, so that the dictionary stays in order of revision.
            self._parts[part.message_id] = part
            self._chars += len(part.text)
        if facts is not None:
            self._facts, self._facts_revision = facts, revision
        self.head = revision
        self._shared.clear()
        self._trim()

    def _trim(self) -> None:
        while len(self._parts) > TAIL_MESSAGES or self._chars > TAIL_CHARS:
            oldest = next(iter(self._parts))
            part = self._parts.pop(oldest)
            self._chars -= len(part.text)
            self.start = part.revision

    def raise_floor(self, floor: int) -> None:
        """Forget what retention removed: nothing that changed up to ``floor`` is kept here."""
        if floor <= self.start:
            return
        for part in [part for part in self._parts.values() if part.revision <= floor]:
            del self._parts[part.message_id]
            self._chars -= len(part.text)
        self.start = min(floor, self.head)
        self._shared.clear()

    def covers(self, cursor: int) -> bool:
        """Whether ``cursor`` can be answered from here."""
        return self.start <= cursor <= self.head

    def facts_since(self, cursor: int) -> str | None:
        """The facts as JSON text, where they changed after ``cursor``."""
        return self._facts if self._facts_revision > cursor else None

    def shared_since(self, room_id: int, cursor: int) -> SharedFrame | None:
        """Return the one frame from ``cursor`` to the head; None where one is not enough.

        It is made once for all who stand there.
        """
        if cursor not in self._shared:
            texts = self.frames_since(room_id, cursor) if self.covers(cursor) else []
            self._shared[cursor] = SharedFrame(texts[0]) if len(texts) == 1 else None
        return self._shared[cursor]

    def frames_since(self, room_id: int, cursor: int) -> list[str]:
        """Return the ``changes`` frames from ``cursor`` to the head, as JSON text.

        Each starts where the one before it ended; the last one carries the facts.
        """
        parts: list[Part] = []
        for part in reversed(self._parts.values()):
            if part.revision <= cursor:
                break
            parts.append(part)
        parts.reverse()
        return frames(room_id, cursor, self.head, parts, self.facts_since(cursor))


def frames(
    room_id: int, since: int, revision: int, parts: list[Part], facts: str | None
) -> list[str]:
    """Return ``changes`` frames of at most ``CHANGES_PER_FRAME`` messages each."""
    texts = []
    while len(parts) > CHANGES_PER_FRAME:
        chunk, parts = parts[:CHANGES_PER_FRAME], parts[CHANGES_PER_FRAME:]
        reached = chunk[-1].revision
        texts.append(
            payloads.changes_text(room_id, since, reached, (part.text for part in chunk), None)
        )
        since = reached
    texts.append(
        payloads.changes_text(room_id, since, revision, (part.text for part in parts), facts)
    )
    return texts
