"""The objects that frames carry."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from chat.protocol.fields import Frame, Identifier, Revision

Posting = Literal["everyone", "members", "moderators"]
ApproveFirst = Literal["nobody", "guests", "newcomers", "everyone"]
Level = Literal["normal", "members", "approve_first", "read_only"]


class Person(Frame):
    """Who wrote a message, as everyone may see them."""

    id: Identifier
    name: str
    hue: Annotated[int, Field(ge=0, le=359)]
    """The colour of their initials, in degrees."""
    picture: str | None = None
    """The address of their picture, where they have one."""
    kind: Literal["member", "guest", "bot"] = "member"


class Redacted(Frame):
    """When a message was redacted and by whom. The reason is in the audit, not here."""

    at: datetime
    by: Literal["author", "moderator"]


class Message(Frame):
    """A message in its current form. A client keeps the copy with the higher revision."""

    id: Identifier
    room: Identifier
    seq: Identifier
    revision: Identifier
    author: Person
    nonce: str
    body: str
    """The text as written; empty in a tombstone."""
    created_at: datetime
    edited_at: datetime | None = None
    pinned_at: datetime | None = None
    redacted: Redacted | None = None


class RoomFacts(Frame):
    """What everyone who may see a room knows of it."""

    id: Identifier
    kind: Literal["open", "private", "direct"]
    name: str
    topic: str
    archived: bool
    slow_mode: int
    """Seconds between two posts of one member; 0 for none. Moderators do not wait."""
    posting: Posting
    """Who may post."""
    approve_first: ApproveFirst
    """Whose posts wait for a moderator."""
    members: Annotated[int, Field(ge=0)]
    keep_days: Annotated[int, Field(ge=0)]
    """Days for which messages are kept; 0: for ever."""
    pruned_to_seq: Revision
    """The messages at the places 1 to this one were removed. Whoever has them drops them."""
    revision: Revision
    """The room's revision when one of these last changed."""


class Snapshot(Frame):
    """A room as it stands at ``revision``: its facts and its newest messages."""

    facts: RoomFacts
    revision: Revision
    floor: Revision
    """The oldest revision one can resume from."""
    last_seq: Revision
    messages: list[Message]
    """At most ``SNAPSHOT_MESSAGES``, by ascending seq, without a hole, up to ``last_seq``."""


class Muted(Frame):
    """A mute that bites: until when, and why."""

    until: datetime | None
    """Null for ever."""
    reason: str


class RoomEntry(Frame):
    """A room of mine, for the list of rooms. Unread is ``last_seq - last_read_seq``."""

    facts: RoomFacts
    role: Literal["owner", "moderator", "member"]
    last_seq: Revision
    last_read_seq: Revision
    muted: Muted | None = None
    """Set while I may read here, but not write."""


class Mark(Frame):
    """Where a message stands: enough for its author to know that it is stored."""

    id: Identifier
    seq: Identifier
    revision: Identifier


class HeldMark(Frame):
    """A post that waits for a moderator: it has no place in the room yet."""

    id: Identifier


class HeldPost(Frame):
    """A held post, as its author and the room's moderators see it."""

    id: Identifier
    author: Person
    nonce: str
    body: str
    created_at: datetime
    cause: Literal["guest", "newcomer", "room", "words"]
    status: Literal["waiting", "rejected"]
    reason: str = ""
    """Why it was rejected."""


class Outcome(Frame):
    """What became of a message that I reported."""

    report: Identifier
    room: Identifier
    message: Identifier
    outcome: Literal["dismissed", "redacted", "muted", "banned"]
    text: str
