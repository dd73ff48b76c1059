"""Talking: posts, edits, redactions, read marks, reports."""

from __future__ import annotations

import asyncio
from functools import partial

from chat import protocol
from chat.actions import held_posts, members, messages, redaction, report_outcomes, reports
from chat.commands.caller import Caller
from chat.errors import BadFieldError, ChatError, InternalError

POSTS_IN_FLIGHT = 64
"""Beyond so many unanswered posts a socket waits before it is read again."""


async def ping(caller: Caller, command: protocol.Ping) -> None:
    """Answer at once."""
    caller.reply(command.id)


async def post(caller: Caller, command: protocol.Post) -> None:
    """Give the post to the writer and read on: its answer comes when it is durable."""
    future = await messages.submit_post(
        actor=caller.user, room_id=command.room, nonce=command.nonce, body=command.body
    )
    caller.posts_in_flight += 1
    future.add_done_callback(partial(_posted, caller, command.id))
    if caller.posts_in_flight >= POSTS_IN_FLIGHT:
        await asyncio.wait({future})


def _posted(
    caller: Caller, command_id: int, future: asyncio.Future[protocol.Mark | protocol.HeldMark]
) -> None:
    caller.posts_in_flight -= 1
    if future.cancelled():
        return
    error = future.exception()
    if error is None:
        caller.reply(command_id, future.result())
    else:
        # What is no refusal is a fault of ours, which the writer has logged.
        caller.refuse(command_id, error if isinstance(error, ChatError) else InternalError())


async def edit(caller: Caller, command: protocol.Edit) -> None:
    """Change the text of one's own message."""
    mark = await caller.act(
        messages.edit_message,
        message_id=command.message,
        body=command.body,
        if_revision=command.if_revision,
    )
    caller.reply(command.id, mark)


async def redact(caller: Caller, command: protocol.Redact) -> None:
    """Leave a tombstone in the place of a message."""
    [mark] = await caller.act(
        redaction.redact_messages,
        message_ids=[command.message],
        reason=command.reason,
    )
    caller.reply(command.id, mark)


async def read(caller: Caller, command: protocol.Read) -> None:
    """Remember how far the person has read."""
    await members.amark_read(actor=caller.user, room_id=command.room, seq=command.seq)
    caller.reply(command.id)


async def report(caller: Caller, command: protocol.Report) -> None:
    """Complain of a message."""
    await caller.act(reports.report_message, message_id=command.message, reason=command.reason)
    caller.reply(command.id)


async def heard(caller: Caller, command: protocol.Heard) -> None:
    """Remember what the person has read of their reports and their held posts."""
    if command.report is None and command.held is None:
        raise BadFieldError
    if command.report is not None:
        await caller.act(report_outcomes.hear_outcome, report_id=command.report)
    if command.held is not None:
        await caller.act(held_posts.hear_held, held_id=command.held)
    caller.reply(command.id)
