"""The wire of ``chat.v1``: commands, replies, events, limits and close codes.

Every frame is one JSON object in a text frame, in ``snake_case``, with its
``type``. This package knows nothing of Django, so that the server, the terminal
client and the pages in ``docs/`` can all be made from the same models.

Unknown fields are refused on the way in: a client that misspells a field
should hear of it at once, not wonder for an evening why nothing happens.
"""

from typing import Annotated

from pydantic import Field

from chat.protocol.commands import (
    Command,
    Edit,
    Heard,
    Ping,
    Post,
    Read,
    Redact,
    Report,
    Subscribe,
    Unsubscribe,
)
from chat.protocol.events import (
    Changes,
    Gone,
    Held,
    Membership,
    Notice,
    OutcomeEvent,
    PingEvent,
    ReadMark,
    Reset,
    SiteEvent,
    Subscribed,
    Unread,
    Welcome,
)
from chat.protocol.fields import (
    Body,
    CommandId,
    Cursor,
    Frame,
    Identifier,
    Minutes,
    Nonce,
    Reason,
    Revision,
    SlowModeSeconds,
)
from chat.protocol.limits import (
    CHANGES_PER_FRAME,
    CHANGES_PER_RESUME,
    HELD_SHOWN,
    HISTORY_DEFAULT,
    HISTORY_MAX,
    MAX_BODY_CHARS,
    MAX_FRAME_BYTES,
    MAX_INTEGER,
    MAX_NONCE_CHARS,
    MAX_REASON_CHARS,
    MAX_ROOM_NAME_CHARS,
    MAX_ROOMS_FOLLOWED,
    MAX_SLOW_MODE_S,
    MAX_TERM_MINUTES,
    MAX_TOPIC_CHARS,
    PING_ANSWER_S,
    PING_EVERY_S,
    PINS_SHOWN,
    SNAPSHOT_MESSAGES,
    SUBPROTOCOL,
    CloseCode,
)
from chat.protocol.moderation import (
    Approve,
    Ban,
    Kick,
    Lift,
    Mute,
    Pin,
    Reject,
    Restore,
    SetRoom,
    Unpin,
)
from chat.protocol.objects import (
    ApproveFirst,
    HeldMark,
    HeldPost,
    Level,
    Mark,
    Message,
    Muted,
    Outcome,
    Person,
    Posting,
    Redacted,
    RoomEntry,
    RoomFacts,
    Snapshot,
)
from chat.protocol.replies import (
    Error,
    Ok,
)

COMMANDS = (
    Subscribe,
    Unsubscribe,
    Post,
    Edit,
    Redact,
    Read,
    Report,
    Heard,
    Mute,
    Ban,
    Kick,
    Lift,
    Restore,
    Pin,
    Unpin,
    Approve,
    Reject,
    SetRoom,
    Ping,
)
AnyCommand = Annotated[
    Subscribe
    | Unsubscribe
    | Post
    | Edit
    | Redact
    | Read
    | Report
    | Heard
    | Mute
    | Ban
    | Kick
    | Lift
    | Restore
    | Pin
    | Unpin
    | Approve
    | Reject
    | SetRoom
    | Ping,
    Field(discriminator="type"),
]
REPLIES = (Ok, Error)
EVENTS = (
    Welcome,
    Subscribed,
    Changes,
    Reset,
    Unread,
    ReadMark,
    Membership,
    Held,
    OutcomeEvent,
    SiteEvent,
    Gone,
    Notice,
    PingEvent,
)

__all__ = [
    "CHANGES_PER_FRAME",
    "CHANGES_PER_RESUME",
    "COMMANDS",
    "EVENTS",
    "HELD_SHOWN",
    "HISTORY_DEFAULT",
    "HISTORY_MAX",
    "MAX_BODY_CHARS",
    "MAX_FRAME_BYTES",
    "MAX_INTEGER",
    "MAX_NONCE_CHARS",
    "MAX_REASON_CHARS",
    "MAX_ROOMS_FOLLOWED",
    "MAX_ROOM_NAME_CHARS",
    "MAX_SLOW_MODE_S",
    "MAX_TERM_MINUTES",
    "MAX_TOPIC_CHARS",
    "PING_ANSWER_S",
    "PING_EVERY_S",
    "PINS_SHOWN",
    "REPLIES",
    "SNAPSHOT_MESSAGES",
    "SUBPROTOCOL",
    "AnyCommand",
    "Approve",
    "ApproveFirst",
    "Ban",
    "Body",
    "Changes",
    "CloseCode",
    "Command",
    "CommandId",
    "Cursor",
    "Edit",
    "Error",
    "Frame",
    "Gone",
    "Heard",
    "Held",
    "HeldMark",
    "HeldPost",
    "Identifier",
    "Kick",
    "Level",
    "Lift",
    "Mark",
    "Membership",
    "Message",
    "Minutes",
    "Mute",
    "Muted",
    "Nonce",
    "Notice",
    "Ok",
    "Outcome",
    "OutcomeEvent",
    "Person",
    "Pin",
    "Ping",
    "PingEvent",
    "Post",
    "Posting",
    "Read",
    "ReadMark",
    "Reason",
    "Redact",
    "Redacted",
    "Reject",
    "Report",
    "Reset",
    "Restore",
    "Revision",
    "RoomEntry",
    "RoomFacts",
    "SetRoom",
    "SiteEvent",
    "SlowModeSeconds",
    "Snapshot",
    "Subscribe",
    "Subscribed",
    "Unpin",
    "Unread",
    "Unsubscribe",
    "Welcome",
]
