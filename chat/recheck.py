"""Read again what connected people may see, and end what is theirs no longer."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from chat.connection import Connection
from chat.database import in_database
from chat.grants import Grant, live_sessions, read_entries, read_grants
from chat.language import speaking
from chat.protocol import CloseCode

if TYPE_CHECKING:
    from chat.hub import Hub


async def recheck(hub: Hub, user_ids: Collection[int]) -> None:
    """Bring the connections of these people in line with the database.

    A session that ended, a new password or a deactivated account closes the socket; a
    membership that is new, changed or gone is told. Raises ``BusyError``.
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
        if (
            grant is None
            or grant.stamp != connection.stamp
            or connection.session_key not in sessions
        ):
            sign_out(connection)
        else:
            await _follow_roles(hub, connection, grant)


def sign_out(connection: Connection) -> None:
    """Say that the session is over, and close."""
    with speaking(connection.language):
        text = _("You have been signed out.")
    connection.tell({"type": "notice", "code": "signed_out", "text": text})
    connection.close(CloseCode.SIGN_IN)


async def _follow_roles(hub: Hub, connection: Connection, grant: Grant) -> None:
    before = dict(connection.roles)
    for room_id in connection.entered - grant.roles.keys():
        hub.unwatch(connection, room_id)
        with speaking(connection.language):
            text = _("You are no longer a member of this room.")
        connection.tell({"type": "gone", "room": room_id, "reason": "left", "text": text})
    new = {room: role for room, role in grant.roles.items() if before.get(room) != role}
    if not new:
        return
    hub.watch(connection, new)
    for entry in await in_database(read_entries, connection.user.pk, list(new)):
        connection.tell({"type": "membership", "entry": entry})
