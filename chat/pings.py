"""Pings: the server lives, and here are the heads of your rooms."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from chat import payloads
from chat.protocol import PING_EVERY_S

if TYPE_CHECKING:
    from chat.hub import Hub

logger = logging.getLogger(__name__)

TURNS = 25
"""Sockets are pinged in so many groups, so that a thousand pings do not fall together."""


class Pings:
    """Pings every connection of a hub every ``PING_EVERY_S`` seconds."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def run(self) -> None:
        """Go on for ever."""
        turn = 0
        while True:
            await asyncio.sleep(PING_EVERY_S / TURNS)
            turn = (turn + 1) % TURNS
            try:
                self.ping(turn)
            except Exception:
                # Without pings every client would take its line for dead.
                logger.exception("some sockets could not be pinged")

    def ping(self, turn: int) -> None:
        """Ping the connections whose turn it is, with one text for those alike."""
        texts: dict[tuple[int, ...], str] = {}
        for connection in list(self._hub.connections):
            if id(connection) // 64 % TURNS != turn:
                continue
            rooms = tuple(sorted(connection.feeds))
            if rooms not in texts:
                texts[rooms] = payloads.encode({"type": "ping", "heads": self._heads(rooms)})
            connection.outlet.tell(texts[rooms])

    def _heads(self, room_ids: tuple[int, ...]) -> dict[int, int]:
        fanouts = (self._hub.fanouts[room_id] for room_id in room_ids)
        return {fanout.room_id: fanout.tail.head for fanout in fanouts if fanout.tail is not None}
