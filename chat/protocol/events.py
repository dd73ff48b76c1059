"""Events: server to client, unasked."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chat.protocol.fields import CommandId, Frame, Identifier, Revision
from chat.protocol.objects import (
    HeldPost,
    Level,
    Message,
    Outcome,
    Person,
    RoomEntry,
    RoomFacts,
    Snapshot,
)


class Welcome(Frame):
    """The first frame of every socket."""

    type: Literal["welcome"] = "welcome"
    me: Person
    rooms: list[RoomEntry]
    epoch: str
    """The identity of the store. A cursor of another epoch gets a snapshot."""
    moderates: bool
    """Whether I moderate every room of the site, whatever my role in them."""
    level: Level
    """How far the whole site has closed itself."""
    outcomes: list[Outcome]
    """What became of my reports since I last heard of them."""
    ping_every: int
    """Seconds between two ``ping`` events; three times that in silence means a dead line."""


class Changes(Frame):
    """Every message that changed after ``since``, as it stood at ``revision``.

    Whoever stands at a revision below ``since`` has missed something and
    subscribes again with a cursor; whoever stands at ``revision`` or above
    drops it. One message posted is this frame with one message in it.
    """

    type: Literal["changes"] = "changes"
    room: Identifier
    since: Revision
    revision: Revision
    messages: list[Message]
    """By ascending revision, at most ``CHANGES_PER_FRAME``."""
    room_facts: RoomFacts | None = None
    """Only when they changed after ``since``."""


class Subscribed(Frame):
    """A room is followed: what changed since the cursor, or all of it anew."""

    type: Literal["subscribed"] = "subscribed"
    id: CommandId
    room: Identifier
    changes: Changes | None = None
    snapshot: Snapshot | None = None


class Reset(Frame):
    """Forget what you hold of this room and start from this snapshot."""

    type: Literal["reset"] = "reset"
    room: Identifier
    snapshot: Snapshot


class Unread(Frame):
    """A room of mine that this socket does not follow has grown."""

    type: Literal["unread"] = "unread"
    room: Identifier
    last_seq: Revision


class ReadMark(Frame):
    """I have read on in this room, in another window or on another device."""

    type: Literal["read"] = "read"
    room: Identifier
    last_read_seq: Revision


class Membership(Frame):
    """A room of mine is new, or my role in it changed."""

    type: Literal["membership"] = "membership"
    entry: RoomEntry


class Gone(Frame):
    """A room is no longer mine to see, or I was sent out of it."""

    type: Literal["gone"] = "gone"
    room: Identifier
    cause: Literal["left", "kicked", "banned", "not_found"]
    text: str
    """A sentence with the reason, if one was given, and how long it lasts."""
    reason: str = ""
    """What the moderator said."""
    until: datetime | None = None


class Notice(Frame):
    """A sentence from the server to the person, such as a restart that is coming."""

    type: Literal["notice"] = "notice"
    code: Literal["restart", "signed_out", "banned", "kicked", "too_slow", "too_fast"]
    text: str
    retry_after: float | None = None
    reason: str = ""
    """What the moderator said."""
    until: datetime | None = None


class SiteEvent(Frame):
    """The whole site has closed itself, or has opened again."""

    type: Literal["site"] = "site"
    level: Level


class Held(Frame):
    """All held posts of a room that I may see: my own, or everybody's where I moderate."""

    type: Literal["held"] = "held"
    room: Identifier
    posts: list[HeldPost]
    """Oldest first, at most ``HELD_SHOWN``."""
    waiting: int
    """How many wait in all, of those that I may see."""


class OutcomeEvent(Frame):
    """A message that I reported was decided on. Told again until ``heard``."""

    type: Literal["outcome"] = "outcome"
    outcome: Outcome


class PingEvent(Frame):
    """The server lives, and the heads of the rooms that this socket follows."""

    type: Literal["ping"] = "ping"
    heads: dict[Identifier, Revision]
