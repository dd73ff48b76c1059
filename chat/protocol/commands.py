"""What a client asks: commands of everybody."""

from __future__ import annotations

from typing import Literal

from chat.protocol.fields import (
    Body,
    CommandId,
    Cursor,
    Frame,
    Identifier,
    Nonce,
    Reason,
    Revision,
)


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


class Report(Command):
    """Complain of a message to those who moderate. Twice is once."""

    type: Literal["report"] = "report"
    message: Identifier
    reason: Reason


class Heard(Command):
    """I have read what became of my report, or of my post that had to wait: tell me no more."""

    type: Literal["heard"] = "heard"
    report: Identifier | None = None
    held: Identifier | None = None
