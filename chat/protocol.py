"""The wire of ``chat.v1``: commands, replies, events, limits and close codes.

Every frame is one JSON object in a text frame, in ``snake_case``, with its
``type``. This module knows nothing of Django, so that the server, the terminal
client and the pages in ``docs/`` can all be made from the same models.

Unknown fields are refused on the way in: a client that misspells a field
should hear of it at once, not wonder for an evening why nothing happens.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SUBPROTOCOL = "chat.v1"

# --- Limits -----------------------------------------------------------------
# The numbers of the wire itself. What an operator may change (posts a minute,
# connections a person) is in chatsite/settings.py.

MAX_BODY_CHARS = 4_000
MAX_FRAME_BYTES = 16 * 1024
MAX_NONCE_CHARS = 64
MAX_ROOM_NAME_CHARS = 80
MAX_TOPIC_CHARS = 250
MAX_REASON_CHARS = 500
MAX_ROOMS_FOLLOWED = 100
CHANGES_PER_FRAME = 500
CHANGES_PER_RESUME = 2_000
SNAPSHOT_MESSAGES = 50
HISTORY_DEFAULT = 50
HISTORY_MAX = 100
PING_EVERY_S = 25
PING_ANSWER_S = 10
MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8259, 6)."""


class CloseCode(IntEnum):
    """Why the server closed the socket. After any other code: return with jitter."""

    SIGN_IN = 4001
    BANNED = 4003
    GONE = 4004
    TOO_SLOW = 4008
    RESTART = 4012
    TOO_FAST = 4029
    CLIENT_TOO_OLD = 4100


# --- Field types --------------------------------------------------------------

Identifier = Annotated[int, Field(strict=True, ge=1, le=MAX_INTEGER)]
Revision = Annotated[int, Field(strict=True, ge=0, le=MAX_INTEGER)]
CommandId = Annotated[int, Field(strict=True, ge=0, le=MAX_INTEGER)]
Nonce = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{8,64}$", max_length=MAX_NONCE_CHARS),
]
Cursor = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9]{1,32}:[0-9]{1,16}$")]
"""``epoch:revision``: where a client stands in a room of a store."""
# Bodies are judged by chat/text.py, which can say what is wrong in a sentence;
# here only the type is held. The frame's own limit bounds the length.
Body = Annotated[str, Field(strict=True)]


# PostgreSQL cannot store NUL.
Reason = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[^\x00]*$", max_length=MAX_REASON_CHARS)
]


class Frame(BaseModel):
    """Any object on the wire."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- Commands: client to server -------------------------------------------------


class Command(Frame):
    """What a client asks. ``id`` is the client's; the reply carries it back."""

    id: CommandId


class Subscribe(Command):
    """Follow a room: from a cursor with what changed since, else with a snapshot."""

    type: Literal["subscribe"] = "subscribe"
    room: Identifier
    cursor: Cursor | None = None


class Unsubscribe(Command):
    """Stop following a room. Its unread count goes on arriving for members."""

    type: Literal["unsubscribe"] = "unsubscribe"
    room: Identifier


class Post(Command):
    """Say something. The same nonce again returns the first message, never a second."""

    type: Literal["post"] = "post"
    room: Identifier
    nonce: Nonce
    body: Body


class Edit(Command):
    """Change the text of a message; refused if it is no longer at ``if_revision``."""

    type: Literal["edit"] = "edit"
    message: Identifier
    body: Body
    if_revision: Revision | None = None


class Redact(Command):
    """Take the text of a message away and leave a tombstone in its place."""

    type: Literal["redact"] = "redact"
    message: Identifier
    reason: Reason = ""


class Read(Command):
    """I have seen everything up to ``seq``. It never goes back."""

    type: Literal["read"] = "read"
    room: Identifier
    seq: Revision


class Ping(Command):
    """Are you there? Answered with ``ok``, whatever else is under way."""

    type: Literal["ping"] = "ping"


AnyCommand = Annotated[
    Subscribe | Unsubscribe | Post | Edit | Redact | Read | Ping, Field(discriminator="type")
]

# --- Objects --------------------------------------------------------------------


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
    redacted: Redacted | None = None


class RoomFacts(Frame):
    """What everyone who may see a room knows of it."""

    id: Identifier
    kind: Literal["open", "private", "direct"]
    name: str
    topic: str
    archived: bool
    members: Annotated[int, Field(ge=0)]
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


class RoomEntry(Frame):
    """A room of mine, for the list of rooms. Unread is ``last_seq - last_read_seq``."""

    facts: RoomFacts
    role: Literal["owner", "moderator", "member"]
    last_seq: Revision
    last_read_seq: Revision


class Mark(Frame):
    """Where a message stands: enough for its author to know that it is stored."""

    id: Identifier
    seq: Identifier
    revision: Identifier


# --- Replies: the answer to one command -------------------------------------------


class Ok(Frame):
    """Done. For ``post``, ``edit`` and ``redact`` with the message's mark."""

    type: Literal["ok"] = "ok"
    id: CommandId
    message: Mark | None = None


class Error(Frame):
    """Refused; the socket lives. ``id`` is null where the frame had none to read."""

    type: Literal["error"] = "error"
    id: CommandId | None
    code: str
    text: str
    """A sentence for the person, in their language."""
    retry_after: float | None = None
    """Seconds to wait before the same command can succeed."""


# --- Events: server to client -------------------------------------------------------


class Welcome(Frame):
    """The first frame of every socket."""

    type: Literal["welcome"] = "welcome"
    me: Person
    rooms: list[RoomEntry]
    epoch: str
    """The identity of the store. A cursor of another epoch gets a snapshot."""
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
    """A room is no longer mine to see."""

    type: Literal["gone"] = "gone"
    room: Identifier
    reason: Literal["left", "removed", "banned", "not_found"]
    text: str


class Notice(Frame):
    """A sentence from the server to the person, such as a restart that is coming."""

    type: Literal["notice"] = "notice"
    code: Literal["restart", "signed_out", "banned", "too_slow", "too_fast"]
    text: str
    retry_after: float | None = None


class PingEvent(Frame):
    """The server lives, and the heads of the rooms that this socket follows."""

    type: Literal["ping"] = "ping"
    heads: dict[Identifier, Revision]


COMMANDS = (Subscribe, Unsubscribe, Post, Edit, Redact, Read, Ping)
REPLIES = (Ok, Error)
EVENTS = (
    Welcome,
    Subscribed,
    Changes,
    Reset,
    Unread,
    ReadMark,
    Membership,
    Gone,
    Notice,
    PingEvent,
)
