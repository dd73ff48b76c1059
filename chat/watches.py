"""The database is the truth: a hub looks at its heads and its grants again and again."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from contextlib import suppress
from typing import TYPE_CHECKING

from chat import metrics, resume
from chat.actions.expiry import sweep
from chat.actions.store import renew_epoch
from chat.database import in_database, write_in_database
from chat.errors import BusyError
from chat.grants import read_heads
from chat.protocol import CloseCode
from chat.recheck import recheck

if TYPE_CHECKING:
    from chat.hub import Hub

logger = logging.getLogger(__name__)

HEADS_EVERY_S = 5.0
HEADS_JITTER = 0.2
GRANTS_EVERY_S = 10.0
SITE_EVERY_S = 10.0
EXPIRY_EVERY_S = 600.0
GRANTS_TURNS = 10
"""People are looked up in so many groups: a thousand at once would hold the others up."""


class Watches:
    """What heals a hub whatever the channel layer loses."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._hurry = asyncio.Event()

    def look_soon(self) -> None:
        """Look at the heads now: bells may have been missed."""
        self._hurry.set()

    async def heads(self) -> None:
        """Look at the heads every few seconds, and when told to, for ever."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_jittered(HEADS_EVERY_S)):
                    await self._hurry.wait()
            self._hurry.clear()
            try:
                await self.look_at_heads()
            except BusyError:
                logger.warning("the heads could not be read: the database is busy")
            except Exception:
                # Whatever it was, the watch goes on: nothing else heals what is lost.
                logger.exception("the heads could not be read")

    async def look_at_heads(self) -> None:
        """Compare the rooms of this process with the database; heal what was missed."""
        epoch = await in_database(resume.read_epoch)
        if epoch != self._hub.epoch:
            self.start_over(epoch)
            return
        reached = {pk: fanout.tail.head for pk, fanout in self._hub.fanouts.items() if fanout.tail}
        heads = await in_database(read_heads, list(self._hub.fanouts))
        if any(head.revision < reached.get(head.room_id, 0) for head in heads):
            # A copy that was behind took the database's place, and gives the same ticks again.
            self.start_over(await in_database(renew_epoch, epoch=epoch))
            return
        for head in heads:
            fanout = self._hub.fanouts.get(head.room_id)
            if fanout is not None:
                fanout.see_head(head.revision, head.last_seq)

    def start_over(self, epoch: str) -> None:
        """The store went back in time: what was told may never have been."""
        logger.warning("the store has a new epoch; every client starts anew")
        metrics.EPOCH_CHANGES.inc()
        resume.store_epoch.cache_clear()
        self._hub.epoch = epoch
        for fanout in self._hub.fanouts.values():
            fanout.start_over()
        for connection in list(self._hub.connections):
            connection.close(CloseCode.RESTART)

    async def grants(self) -> None:
        """Read again what connected people may see, for ever."""
        for turn in itertools.cycle(range(GRANTS_TURNS)):
            await asyncio.sleep(GRANTS_EVERY_S / GRANTS_TURNS)
            try:
                await recheck(
                    self._hub, [pk for pk in self._hub.people if pk % GRANTS_TURNS == turn]
                )
            except BusyError:
                logger.warning("grants could not be read: the database is busy")
            except Exception:
                logger.exception("grants could not be read")

    async def site(self) -> None:
        """Look at what holds for the whole site, for ever."""
        while True:
            await asyncio.sleep(_jittered(SITE_EVERY_S))
            try:
                await self._hub.site.look()
            except BusyError:
                logger.warning("the site could not be looked at: the database is busy")
            except Exception:
                logger.exception("the site could not be looked at")

    async def expiry(self) -> None:
        """Forget what is kept no longer, now and then, for ever."""
        while True:
            await asyncio.sleep(_jittered(EXPIRY_EVERY_S))
            try:
                await write_in_database(sweep)
            except BusyError:
                logger.warning("what has expired could not be removed: the database is busy")
            except Exception:
                logger.exception("what has expired could not be removed")


def _jittered(seconds: float) -> float:
    # Chance spreads the processes; nothing secret hangs on it.
    return seconds * random.uniform(1 - HEADS_JITTER, 1 + HEADS_JITTER)  # noqa: S311
