"""Following a room: subscribe and unsubscribe."""

from __future__ import annotations

from chat import metrics, policy, protocol, resume
from chat.commands.caller import Caller
from chat.errors import NotFoundError, TooManyRoomsError
from chat.feed import Feed
from chat.held_queue import tell_newcomer
from chat.models import Room


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
        if room_id in hub.site.queues:
            await tell_newcomer(connection, room_id)


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
    if command.cursor is not None:
        metrics.RESETS.inc()
    snapshot = await fanout.snapshot()
    _check_followed(feed)
    await outlet.write(f'{head}"snapshot":{snapshot.text}}}')
    return snapshot.revision


def _check_followed(feed: Feed) -> None:
    """Raise ``NotFoundError`` where the person lost the room since they were judged."""
    if not feed.is_followed:
        raise NotFoundError
