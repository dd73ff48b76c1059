"""What holds for the whole site: its level, banned addresses, held posts, new reports."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from chat.actions.moderators_room import tell_new_cases
from chat.address_bans import AddressBans, read_address_bans
from chat.announce import SITE_GROUP
from chat.connection import Connection
from chat.database import in_database, write_in_database
from chat.errors import AddressBannedError
from chat.held_queue import read_queue_marks, tell_queue
from chat.language import speaking
from chat.models import ReportCase, Site
from chat.outcomes import reporters_unheard
from chat.protocol import CloseCode
from chat.recheck import tell_outcomes

if TYPE_CHECKING:
    from chat.hub import Hub


class SiteWatch:
    """Of one hub. Used from its event loop alone."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.level: str = Site.Level.NORMAL
        self.queues: dict[int, tuple[int, int]] = {}
        """Rooms with held posts, and how their queues stood when they were told."""
        self._turn = asyncio.Lock()
        """One reads and tells at a time: what was read first must not be told last."""
        self._due: set[int] = set()
        """Rooms whose bell has rung, and whose queue will be read at the next turn."""

    async def start(self) -> None:
        """Listen to the site's bell, and read how things stand."""
        await self._hub.groups.join(SITE_GROUP)
        self.level, _bans, self.queues, _untold = await in_database(_read)

    async def look(self) -> None:
        """Read how things stand and tell what is new. Raises ``BusyError``."""
        async with self._turn:
            level, bans, queues, has_untold = await in_database(_read)
            if level != self.level:
                self.level = level
                for connection in list(self._hub.connections):
                    connection.tell({"type": "site", "level": level})
            for connection in list(self._hub.connections):
                if not connection.is_staff and bans.has(connection.address):
                    _turn_away(connection)
            for room_id in {room for room, _mark in self.queues.items() ^ queues.items()}:
                await self._tell_queue(room_id, queues.get(room_id))
        if has_untold:
            await write_in_database(tell_new_cases)
        await tell_outcomes(self._hub, await in_database(reporters_unheard, list(self._hub.people)))

    async def held(self, room_id: int) -> None:
        """Do as ``look`` for one room's queue, whose bell rang. Raises ``BusyError``."""
        if room_id in self._due:
            # Many bells in a raid: whoever waits for the turn reads what this one rang for.
            return
        self._due.add(room_id)
        async with self._turn:
            self._due.discard(room_id)
            marks = await in_database(read_queue_marks)
            await self._tell_queue(room_id, marks.get(room_id))

    async def _tell_queue(self, room_id: int, mark: tuple[int, int] | None) -> None:
        # The mark after the telling, and of this room alone: what fails, and what other
        # bells were lost for, is found by the next look.
        await tell_queue(self._hub, room_id)
        if mark is None:
            self.queues.pop(room_id, None)
        else:
            self.queues[room_id] = mark


def _read() -> tuple[str, AddressBans, dict[int, tuple[int, int]], bool]:
    level = Site.objects.values_list("level", flat=True).filter(pk=1).first()
    untold = ReportCase.objects.filter(is_told=False).exists()
    return level or Site.Level.NORMAL, read_address_bans(), read_queue_marks(), untold


def _turn_away(connection: Connection) -> None:
    with speaking(connection.language):
        text = AddressBannedError().text
    connection.tell({"type": "notice", "code": "banned", "text": text})
    connection.close(CloseCode.BANNED)
