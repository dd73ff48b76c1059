"""Each command of the wire, and the action that it calls. They translate; none decides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from chat import protocol
from chat.commands import following, moderating, talking
from chat.commands.caller import Caller

COMMANDS: dict[type[protocol.Command], Callable[[Caller, Any], Awaitable[None]]] = {
    protocol.Ping: talking.ping,
    protocol.Post: talking.post,
    protocol.Edit: talking.edit,
    protocol.Redact: talking.redact,
    protocol.Read: talking.read,
    protocol.Report: talking.report,
    protocol.Heard: talking.heard,
    protocol.Subscribe: following.subscribe,
    protocol.Unsubscribe: following.unsubscribe,
    protocol.Mute: moderating.mute,
    protocol.Ban: moderating.ban,
    protocol.Kick: moderating.kick,
    protocol.Lift: moderating.lift,
    protocol.Restore: moderating.restore,
    protocol.Pin: moderating.pin,
    protocol.Unpin: moderating.unpin,
    protocol.Approve: moderating.approve,
    protocol.Reject: moderating.reject,
    protocol.SetRoom: moderating.set_room,
}

__all__ = ["COMMANDS", "Caller"]
