"""Each command of the wire, and the action that it calls. They translate; none decides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from chat import policy, protocol, resume
from chat.actions import members, messages
from chat.connection import Connection
from chat.database import in_database, write_in_database
from chat.errors import ChatError, InternalError, NotFoundError, TooManyRoomsError
from chat.feed import Feed
from chat.hub import Hub
from chat.language import speaking
from chat.models import Room, User

T = TypeVar("T")

POSTS_IN_FLIGHT = 64
"""Beyond so many unanswered posts a socket waits before it is read again."""


class Caller:
    """A socket that sends commands, and gets its answers."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self.hub = hub
        self.connection = connection
        self.posts_in_flight = 0

    @property
    def user(self) -> User:
        """Whose socket it is, as they were when it was opened."""
        return self.connection.user

    async def act(self, action: Callable[..., T], **arguments: Any) -> T:
        """Call an action with the person as the database has them now; return what it returns.

        A socket lives for days: meanwhile its person may be switched off, or be no staff
        any more. Raises what ``action`` raises, and ``BusyError``.
        """
        return await write_in_database(_act, action, self.user.pk, arguments)

    async def look(self, access: Callable[..., T], **arguments: Any) -> T:
        """Do as ``act`` for what only reads."""
        return await in_database(_act, access, self.user.pk, arguments)

    def reply(self, command_id: int, mark: protocol.Mark | None = None) -> None:
        """Answer ``ok``."""
        answer: dict[str, Any] = {"type": "ok", "id": command_id}
        if mark is not None:
            answer["message"] = {"id": mark.id, "seq": mark.seq, "revision": mark.revision}
        self.connection.tell(answer)

    def refuse(self, command_id: int | None, refusal: ChatError) -> None:
        """Answer ``error``, with a sentence in the reader's language."""
        with speaking(self.connection.language):
            self.connection.tell(
                {
                    "type": "error",
                    "id": command_id,
                    "code": refusal.code,
                    "text": refusal.text,
                    "retry_after": refusal.retry_after,
                }
            )


def _act(action: Callable[..., T], user_id: int, arguments: dict[str, Any]) -> T:
    return action(actor=policy.actor_now(user_id), **arguments)


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


def _posted(caller: Caller, command_id: int, future: asyncio.Future[protocol.Mark]) -> None:
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
        messages.redact_messages,
        message_ids=[command.message],
        reason=command.reason,
    )
    caller.reply(command.id, mark)


async def read(caller: Caller, command: protocol.Read) -> None:
    """Remember how far the person has read."""
    await members.amark_read(actor=caller.user, room_id=command.room, seq=command.seq)
    caller.reply(command.id)


async def unsubscribe(caller: Caller, command: protocol.Unsubscribe) -> None:
    """Stop following a room; one that is not followed already is fine too."""
    caller.hub.unfollow(caller.connection, command.room)
    caller.reply(command.id)


async def subscribe(caller: Caller, command: protocol.Subscribe) -> None:
    """Follow a room: first join, then judge and read, then live, so that nothing falls between."""
    hub, connection, room_id = caller.hub, caller.connection, command.room
    connection.unfollow(room_id)
    if len(connection.feeds) >= protocol.MAX_ROOMS_FOLLOWED:
        raise TooManyRoomsError
    try:
        feed = await hub.follow(connection, room_id)
        room = await caller.look(policy.access_room, room_id=room_id)
        feed.members_only = room.kind != Room.Kind.OPEN
        cursor = await _answer(command, feed, room, hub.epoch)
    except Exception:
        hub.unfollow(connection, room_id)
        raise
    if feed.is_followed:
        feed.go_live(cursor)


async def _answer(command: protocol.Subscribe, feed: Feed, room: Room, epoch: str) -> int:
    """Write ``subscribed`` with what changed or a snapshot; return where the feed stands."""
    fanout, outlet = feed.fanout, feed.connection.outlet
    await fanout.catch_up_to(room.revision)
    await outlet.drained()
    head = f'{{"type":"subscribed","id":{command.id},"room":{room.pk},'
    since = resume.parse_cursor(command.cursor, epoch)
    # Ahead of the head: the store went back in time, and the client starts anew.
    if since is not None and since <= room.revision:
        frames, revision = await fanout.changes_or_none(since)
        if frames is not None:
            first, *others = frames
            _check_followed(feed)
            await outlet.write(f'{head}"changes":{first.text}}}')
            for frame in others:
                await outlet.write_shared(frame)
            return revision
    snapshot = await fanout.snapshot()
    _check_followed(feed)
    await outlet.write(f'{head}"snapshot":{snapshot.text}}}')
    return snapshot.revision


def _check_followed(feed: Feed) -> None:
    """Raise ``NotFoundError`` where the person lost the room since they were judged."""
    if not feed.is_followed:
        raise NotFoundError


COMMANDS: dict[type[protocol.Command], Callable[[Caller, Any], Awaitable[None]]] = {
    protocol.Ping: ping,
    protocol.Post: post,
    protocol.Edit: edit,
    protocol.Redact: redact,
    protocol.Read: read,
    protocol.Subscribe: subscribe,
    protocol.Unsubscribe: unsubscribe,
}
