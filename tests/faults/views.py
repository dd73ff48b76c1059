"""Watches a client's copy of a room for what must never be seen there, frame by frame."""

from __future__ import annotations

import time
from typing import Any

from tests.faults.history import Cursor, History
from tests.mirror import Mirror


class WatchedView:
    """A mirror of a room whose every step is written into a history."""

    def __init__(self, room: int, history: History) -> None:
        self._room = room
        self._history = history
        self._start_over("")

    def _start_over(self, epoch: str) -> None:
        self.epoch = epoch
        self.mirror = Mirror(self._room)
        self._ids: dict[int, int] = {}
        """Message by place."""
        self._ticks: dict[int, int] = {}
        """The applied revision by message."""

    def greet(self, epoch: str) -> None:
        """Take in the store's identity: of another store nothing that is known counts."""
        if epoch != self.epoch:
            self._start_over(epoch)

    def take(self, frame: dict[str, Any]) -> bool:
        """Take a frame in; True where something is missing before it."""
        if frame.get("room") == self._room and frame.get("snapshot"):
            self._history.resets += self.mirror.revision >= 0
        before = self.mirror.revision
        is_missing = self.mirror.apply(frame)
        self._note_cursor(before)
        for message in _messages_of(frame) if frame.get("room") == self._room else ():
            self._note_message(message["id"])
        return is_missing

    def _note_cursor(self, before: int) -> None:
        now = self.mirror.revision
        if now < before:
            self._history.contradictions.append(f"the cursor went from {before} back to {now}")
        if now != before:
            self._history.cursors.append(Cursor(self.epoch, now, time.monotonic()))

    def _note_message(self, message_id: int) -> None:
        """What the view shows of a message now, which may be newer than what the frame said."""
        message = self.mirror.messages.get(message_id)
        if message is None:
            return
        self._history.shown_at.setdefault(message["nonce"], time.monotonic())
        found = self._history.contradictions
        if self._ids.setdefault(message["seq"], message_id) != message_id:
            found.append(f"two messages at place {message['seq']}")
        if message["revision"] < self._ticks.get(message_id, 0):
            found.append(f"message {message_id} went back to revision {message['revision']}")
        self._ticks[message_id] = message["revision"]


def _messages_of(frame: dict[str, Any]) -> list[dict[str, Any]]:
    whole = frame.get("changes") or frame.get("snapshot") or frame
    messages: list[dict[str, Any]] = whole.get("messages", []) if isinstance(whole, dict) else []
    return messages
