"""What a client asks: commands of those who moderate a room."""

from __future__ import annotations

from typing import Literal

from chat.protocol.commands import Command
from chat.protocol.fields import Identifier, Minutes, Reason, SlowModeSeconds
from chat.protocol.objects import ApproveFirst, Posting


class Mute(Command):
    """Let somebody read, but not write, for so many minutes; without them, for ever."""

    type: Literal["mute"] = "mute"
    room: Identifier
    user: Identifier
    minutes: Minutes | None = None
    reason: Reason = ""
    """Shown to the person."""
    note: Reason = ""
    """Shown to moderators alone."""


class Ban(Command):
    """Put somebody out of a room, for so many minutes; without them, for ever."""

    type: Literal["ban"] = "ban"
    room: Identifier
    user: Identifier
    minutes: Minutes | None = None
    reason: Reason = ""
    note: Reason = ""


class Kick(Command):
    """Put somebody out of a room now; they may return."""

    type: Literal["kick"] = "kick"
    room: Identifier
    user: Identifier
    reason: Reason = ""
    note: Reason = ""


class Lift(Command):
    """End a mute or a ban before its time."""

    type: Literal["lift"] = "lift"
    sanction: Identifier
    reason: Reason = ""


class Restore(Command):
    """Undo the redaction of a message, while its text is kept."""

    type: Literal["restore"] = "restore"
    message: Identifier
    reason: Reason = ""


class Pin(Command):
    """Pin a message to its room."""

    type: Literal["pin"] = "pin"
    message: Identifier


class Unpin(Command):
    """Take a pin away."""

    type: Literal["unpin"] = "unpin"
    message: Identifier


class Approve(Command):
    """Let a held post into its room, at the next place."""

    type: Literal["approve"] = "approve"
    held: Identifier


class Reject(Command):
    """Refuse a held post; its author reads the reason."""

    type: Literal["reject"] = "reject"
    held: Identifier
    reason: Reason = ""


class SetRoom(Command):
    """Change how a room is moderated; what is left out stays as it is."""

    type: Literal["set_room"] = "set_room"
    room: Identifier
    slow_mode: SlowModeSeconds | None = None
    """Seconds between two posts of one member; 0 ends it."""
    posting: Posting | None = None
    approve_first: ApproveFirst | None = None
    archived: bool | None = None
    reason: Reason = ""
