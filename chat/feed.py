"""One connection following one room from a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat.connection import Connection
    from chat.fanout import Fanout


class Feed:
    """Used from the event loop alone."""

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
