"""Telling members of a room who look elsewhere that it has grown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from chat import payloads

if TYPE_CHECKING:
    from chat.connection import Connection

UNREAD_EVERY_S = 0.2


class UnreadBell:
    """Sends a tiny frame, the same for all, at most every ``UNREAD_EVERY_S`` seconds."""

    def __init__(self, room_id: int) -> None:
        self.room_id = room_id
        self.watchers: set[Connection] = set()
        """Members' connections; those that follow the room see for themselves."""
        self._last_seq = 0
        self._timer: asyncio.TimerHandle | None = None

    def see(self, last_seq: int) -> None:
        """Take the place of the newest message, and tell of it soon if it is new."""
        if last_seq <= self._last_seq:
            return
        self._last_seq = last_seq
        if self._timer is None and self.watchers:
            self._timer = asyncio.get_running_loop().call_later(UNREAD_EVERY_S, self._ring)

    def _ring(self) -> None:
        self._timer = None
        text = payloads.encode({"type": "unread", "room": self.room_id, "last_seq": self._last_seq})
        for connection in list(self.watchers):
            if self.room_id not in connection.feeds:
                connection.outlet.tell(text)

    def start_over(self) -> None:
        """Forget what was seen: the store went back in time."""
        self._last_seq = 0

    def stop(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
