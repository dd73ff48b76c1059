"""The channel layer of a site with one process: Channels' own, without its walks.

Channels' walks through every group at each send and each receive. A hub is in a group for
each connected person, so with a thousand of them every post would pay for it twice.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from channels.layers import InMemoryChannelLayer

from chat import metrics

CLEAN_EVERY_S = 10.0


class ProcessLayer(InMemoryChannelLayer):
    """Tells hubs of this process. At most once, as every layer; what is full hears nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._clean_at = 0.0

    def _clean_expired(self) -> None:
        now = time.monotonic()
        if now >= self._clean_at:
            self._clean_at = now + CLEAN_EVERY_S
            super()._clean_expired()

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Put the message itself into each channel: hubs read it and change nothing."""
        self._clean_expired()
        until = time.time() + self.expiry
        for channel in list(self.groups.get(group, ())):
            queue = self.channels.setdefault(
                channel, asyncio.Queue(maxsize=self.get_capacity(channel))
            )
            if queue.full():
                metrics.LAYER_ERRORS.labels("full").inc()
            else:
                queue.put_nowait((until, message))
