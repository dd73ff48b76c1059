"""One open socket: who it belongs to, what it may see, and the rooms that it follows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chat import payloads
from chat.models import User
from chat.outlet import Outlet, Send, WriteFrame
from chat.posting_rules import LEADING_ROLES
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
        self.mutes: dict[int, int] = {}
        """The sanction that mutes its person, by room, as last told."""
        self.is_staff = user.is_staff
        self.last_kick = 0
        """The newest kick that this socket has obeyed, or that is older than it."""
        self.told_outcomes: set[int] = set()
        """The reports of its person of whose outcome it was told."""
        self.told_held: set[int] = set()
        """The rooms of which it was told that posts are held."""
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

    def leads(self, room_id: int) -> bool:
        """Whether its person moderates the room, as last read from the database."""
        acts_as_staff = self.is_staff and self.user.acts_as_staff
        return acts_as_staff or self.roles.get(room_id) in LEADING_ROLES

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
