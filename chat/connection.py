"""One open socket: who it belongs to, what it may see, and the rooms that it follows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chat import payloads
from chat.models import User
from chat.outlet import Outlet, Send, WriteFrame
from chat.protocol import CloseCode

if TYPE_CHECKING:
    from chat.feed import Feed

Close = Callable[[CloseCode], object]


class Connection:
    """Used from the event loop alone."""

    def __init__(
        self,
        *,
        user: User,
        session_key: str,
        address: str,
        language: str,
        send: Send,
        write_frame: WriteFrame | None,
        close: Close,
    ) -> None:
        self.user = user
        self.session_key = session_key
        self.stamp = (user.password, user.session_generation)
        self.address = address
        self.language = language
        self.roles: dict[int, str] = {}
        """Role by room, as last read from the database."""
        self.feeds: dict[int, Feed] = {}
        self.resuming = asyncio.Lock()
        """Held while one of the feeds reads what it missed."""
        self.close = close
        self.outlet = Outlet(
            send, write_frame=write_frame, on_writable=self._catch_up, on_close=close
        )

    @property
    def entered(self) -> set[int]:
        """The rooms that it may hear of only as long as its person is a member."""
        return {*self.roles, *(pk for pk, feed in self.feeds.items() if feed.members_only)}

    def tell(self, frame: dict[str, Any]) -> None:
        """Send a frame that is this socket's own."""
        self.outlet.tell(payloads.encode(frame))

    def _catch_up(self) -> None:
        for feed in list(self.feeds.values()):
            feed.fanout.catch_up(feed)

    def unfollow(self, room_id: int) -> None:
        """Stop the feed of a room, if there is one."""
        feed = self.feeds.pop(room_id, None)
        if feed is not None:
            feed.stop()

    def stop(self) -> None:
        """Stop all feeds and write nothing more."""
        for room_id in list(self.feeds):
            self.unfollow(room_id)
        self.outlet.stop()
