"""Moderating a room: sanctions, held posts, pins, switches."""

from __future__ import annotations

from datetime import timedelta

from chat import protocol
from chat.actions import held_posts, pins, redaction, room_switches, sanctions
from chat.commands.caller import Caller


async def mute(caller: Caller, command: protocol.Mute) -> None:
    """Let somebody read, but not write."""
    await caller.act(
        sanctions.mute,
        user_id=command.user,
        room_id=command.room,
        term=_term(command.minutes),
        reason=command.reason,
        note=command.note,
    )
    caller.reply(command.id)


async def ban(caller: Caller, command: protocol.Ban) -> None:
    """Put somebody out for a while, or for ever."""
    await caller.act(
        sanctions.ban,
        user_id=command.user,
        room_id=command.room,
        term=_term(command.minutes),
        reason=command.reason,
        note=command.note,
    )
    caller.reply(command.id)


async def kick(caller: Caller, command: protocol.Kick) -> None:
    """Put somebody out now."""
    await caller.act(
        sanctions.kick,
        user_id=command.user,
        room_id=command.room,
        reason=command.reason,
        note=command.note,
    )
    caller.reply(command.id)


async def lift(caller: Caller, command: protocol.Lift) -> None:
    """End a mute or a ban."""
    await caller.act(sanctions.lift, sanction_id=command.sanction, reason=command.reason)
    caller.reply(command.id)


async def restore(caller: Caller, command: protocol.Restore) -> None:
    """Undo a redaction."""
    [mark] = await caller.act(
        redaction.restore_messages, message_ids=[command.message], reason=command.reason
    )
    caller.reply(command.id, mark)


async def pin(caller: Caller, command: protocol.Pin) -> None:
    """Pin a message."""
    caller.reply(command.id, await caller.act(pins.pin_message, message_id=command.message))


async def unpin(caller: Caller, command: protocol.Unpin) -> None:
    """Take a pin away."""
    caller.reply(command.id, await caller.act(pins.unpin_message, message_id=command.message))


async def approve(caller: Caller, command: protocol.Approve) -> None:
    """Let a held post in."""
    caller.reply(command.id, await caller.act(held_posts.approve_post, held_id=command.held))


async def reject(caller: Caller, command: protocol.Reject) -> None:
    """Refuse a held post."""
    await caller.act(held_posts.reject_post, held_id=command.held, reason=command.reason)
    caller.reply(command.id)


async def set_room(caller: Caller, command: protocol.SetRoom) -> None:
    """Change how a room is moderated."""
    await caller.act(
        room_switches.set_room,
        room_id=command.room,
        slow_mode=command.slow_mode,
        posting=command.posting,
        approve_first=command.approve_first,
        archived=command.archived,
        reason=command.reason,
    )
    caller.reply(command.id)


def _term(minutes: int | None) -> timedelta | None:
    return timedelta(minutes=minutes) if minutes is not None else None
