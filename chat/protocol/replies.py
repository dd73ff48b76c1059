"""Replies: the answer to one command."""

from __future__ import annotations

from typing import Literal

from chat.protocol.fields import CommandId, Frame
from chat.protocol.objects import HeldMark, Mark


class Ok(Frame):
    """Done. For ``post``, ``edit`` and ``redact`` with the message's mark."""

    type: Literal["ok"] = "ok"
    id: CommandId
    message: Mark | None = None
    held: HeldMark | None = None
    """Instead of ``message``: the post waits for a moderator."""


class Error(Frame):
    """Refused; the socket lives. ``id`` is null where the frame had none to read."""

    type: Literal["error"] = "error"
    id: CommandId | None
    code: str
    text: str
    """A sentence for the person, in their language."""
    retry_after: float | None = None
    """Seconds to wait before the same command can succeed."""
