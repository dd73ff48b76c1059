"""The groups of the channel layer that this process is in, with one channel for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer

from chat import metrics
from chat.announce import LAYER_ERRORS

logger = logging.getLogger(__name__)

REJOIN_EVERY_S = 30.0
"""So often all groups are joined again: a layer may have forgotten them."""
LAYER_TIMEOUT_S = 2.0
LAYER_RETRY_S = 1.0


class Groups:
    """Joins and leaves; a layer that is dead delays nobody for long. One event loop alone."""

    def __init__(self, *, is_needed: Callable[[str], bool]) -> None:
        self.layer = get_channel_layer()
        self.channel = ""
        self.joined: set[str] = set()
        self._is_needed = is_needed

    async def open(self) -> None:
        """Open the channel through which everything is heard."""
        self.channel = await self.layer.new_channel()

    async def join(self, group: str) -> None:
        """Join a group. A dead layer is no reason to refuse: the heads are polled."""
        if (failure := await self._join(group)) is not None:
            logger.warning("channel layer: not joined %s (%s)", group, failure)

    async def _join(self, group: str) -> str | None:
        """Join; return the name of what kept us from it, if something did."""
        self.joined.add(group)
        try:
            async with asyncio.timeout(LAYER_TIMEOUT_S):
                await self.layer.group_add(group, self.channel)
        except LAYER_ERRORS as error:
            metrics.LAYER_ERRORS.labels("join").inc()
            return type(error).__name__
        return None

    async def leave(self, group: str) -> None:
        """Leave a group, unless somebody has come back for it."""
        if self._is_needed(group):
            return
        self.joined.discard(group)
        try:
            async with asyncio.timeout(LAYER_TIMEOUT_S):
                await self.layer.group_discard(group, self.channel)
        except LAYER_ERRORS as error:
            metrics.LAYER_ERRORS.labels("leave").inc()
            logger.warning("channel layer: not left %s (%s)", group, type(error).__name__)
        if self._is_needed(group):
            # Somebody came back meanwhile; which of the two the layer did last is not known.
            await self.join(group)

    async def watch(self) -> None:
        """Join all groups again and again, for ever."""
        while True:
            await asyncio.sleep(REJOIN_EVERY_S)
            found = await asyncio.gather(*(self._join(group) for group in list(self.joined)))
            if failures := Counter(filter(None, found)):
                count, names = failures.total(), ", ".join(failures)
                logger.warning("channel layer: %s groups not joined (%s)", count, names)

    async def listen(self, hear: Callable[[dict[str, Any]], None]) -> None:
        """Hand everything that is heard to ``hear``, for ever."""
        while True:
            try:
                hear(await self.layer.receive(self.channel))
                metrics.ANNOUNCEMENTS_HEARD.inc()
            except LAYER_ERRORS as error:
                metrics.LAYER_ERRORS.labels("listen").inc()
                logger.warning("channel layer: cannot listen (%s)", type(error).__name__)
                await asyncio.sleep(LAYER_RETRY_S)
            except Exception:
                # One that cannot be understood must not end the hearing of all others.
                logger.exception("an announcement could not be heard")
                await asyncio.sleep(LAYER_RETRY_S)
