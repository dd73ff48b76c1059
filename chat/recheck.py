"""Read again what connected people may see, and end what is theirs no longer."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from chat.connection import Connection
from chat.database import in_database
from chat.grants import Grant, live_sessions, read_entries, read_grants
from chat.held_queue import tell_newcomer
from chat.language import speaking
from chat.outcomes import read_outcomes
from chat.protocol import CloseCode
from chat.standing import Standing, sentence_of

if TYPE_CHECKING:
    from chat.hub import Hub


async def recheck(hub: Hub, user_ids: Collection[int]) -> None:
    """Bring the connections of these people in line with the database.

    A session that ended, a new password, a ban or a deactivated account closes the socket;
    a membership or a mute that is new, changed or gone is told. Raises ``BusyError``.
    """
    connections = hub.connections_of(user_ids)
    if not connections:
        return
    grants = await in_database(read_grants, user_ids)
    sessions = await in_database(live_sessions, {c.session_key for c in connections})
    for connection in connections:
        if connection not in hub.connections:
            # It was closed meanwhile; nobody would ever forget it again.
            continue
        grant = grants.get(connection.user.pk)
        if grant is not None and (ban := grant.standings.bans.get(None)) is not None:
            _put_out(connection, ban)
        elif (
            grant is None
            or grant.stamp != connection.stamp
            or connection.session_key not in sessions
        ):
            _sign_out(connection, grant)
        else:
            await _follow_grant(hub, connection, grant)


async def tell_outcomes(hub: Hub, user_ids: Collection[int]) -> None:
    """Tell these people what became of their reports, each socket once. Raises ``BusyError``."""
    for user_id in user_ids:
        for connection in hub.connections_of([user_id]):
            for outcome in await in_database(read_outcomes, user_id, connection.language):
                if outcome["report"] not in connection.told_outcomes:
                    connection.told_outcomes.add(outcome["report"])
                    connection.tell({"type": "outcome", "outcome": outcome})


def _put_out(connection: Connection, ban: Standing) -> None:
    connection.tell(_said(connection, "notice", ban) | {"code": "banned"})
    connection.close(CloseCode.BANNED)


def _sign_out(connection: Connection, grant: Grant | None) -> None:
    """Say that the session is over, and why where somebody was sent out, and close."""
    kicks = [] if grant is None else grant.standings.kicks
    # Only what came after this socket was opened has ended it.
    kicks = [k for k in kicks if k.room_id is None and k.pk > connection.last_kick]
    if kicks:
        connection.tell(_said(connection, "notice", kicks[-1]) | {"code": "kicked"})
    else:
        with speaking(connection.language):
            text = _("You have been signed out.")
        connection.tell({"type": "notice", "code": "signed_out", "text": text})
    connection.close(CloseCode.SIGN_IN)


def _said(connection: Connection, frame: str, standing: Standing) -> dict[str, Any]:
    with speaking(connection.language):
        text = str(sentence_of(standing))
    return {"type": frame, "text": text, "reason": standing.reason, "until": standing.until}


async def _follow_grant(hub: Hub, connection: Connection, grant: Grant) -> None:
    has_turned = connection.is_staff != grant.is_staff
    connection.is_staff = grant.is_staff
    kicks = {kick.room_id: kick for kick in grant.standings.kicks if kick.pk > connection.last_kick}
    connection.last_kick = max([connection.last_kick, *(kick.pk for kick in kicks.values())])
    ends = {**kicks, **grant.standings.bans}
    barred = {room_id for room_id in ends if room_id in connection.feeds}
    for room_id in (connection.entered - grant.roles.keys()) | barred:
        hub.unwatch(connection, room_id)
        connection.tell(_gone(connection, room_id, ends.get(room_id)))
    turned = await _tell_entries(hub, connection, grant)
    for room_id in {*turned, *(connection.feeds if has_turned else ())}:
        if room_id in hub.site.queues or room_id in connection.told_held:
            # What waits in a room is shown to whoever leads it from now on, and hidden again.
            await tell_newcomer(connection, room_id)


def _gone(connection: Connection, room_id: int, end: Standing | None) -> dict[str, Any]:
    if end is None:
        with speaking(connection.language):
            text = _("You are no longer a member of this room.")
        return {"type": "gone", "room": room_id, "cause": "left", "text": text}
    cause = "banned" if end.kind == "ban" else "kicked"
    return _said(connection, "gone", end) | {"room": room_id, "cause": cause}


async def _tell_entries(hub: Hub, connection: Connection, grant: Grant) -> Collection[int]:
    """Tell what is new about the person's own rooms: a role, a mute, or its end.

    Return the rooms in which the role is another one.
    """
    roles = {
        room_id: role
        for room_id, role in grant.roles.items()
        if connection.roles.get(room_id) != role
    }
    mutes = {
        room_id: mute.pk
        for room_id in grant.roles
        if (mute := grant.standings.mute_in(room_id)) is not None
    }
    turned = {room_id for room_id, _pk in mutes.items() ^ connection.mutes.items()}
    connection.mutes = mutes
    changed = roles.keys() | (turned & grant.roles.keys())
    if not changed:
        return ()
    hub.watch(connection, roles)
    for entry in await in_database(read_entries, connection.user.pk, list(changed)):
        connection.tell({"type": "membership", "entry": entry})
    return roles.keys()
