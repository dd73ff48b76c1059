"""The channel layer over Redis: channels-redis' pub/sub layer, on lines that mend themselves.

Why this layer, and why not on the lines it comes with: ``docs/channel-layer.md``.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer
from channels_redis.utils import _wrap_close

from chat import metrics
from chat.redis.address import RedisAddress
from chat.redis.shard import Shard

logger = logging.getLogger(__name__)

QUEUE_LIMIT = 10_000
"""Bells that wait to be heard; what rings beyond is lost, and found in the database."""


class LoopLayer(RedisPubSubLoopLayer):
    """The part of one event loop."""

    def __init__(
        self, *, hosts: list[dict[str, RedisAddress]], prefix: str, channel_layer: RedisLayer
    ) -> None:
        super().__init__(prefix=prefix, channel_layer=channel_layer)
        self.listeners: list[Callable[[], None]] = []
        self._shards = [Shard(host["redis"], self._hear, self._back) for host in hosts]

    async def _subscribe_to_channel(self, channel: str) -> None:
        # A server must be able to start while Redis is away: it does not wait here.
        self.channels[channel] = asyncio.Queue(QUEUE_LIMIT)
        self._get_shard(channel).want(channel)

    def _hear(self, name: str, data: bytes) -> None:
        for channel in [name] if name in self.channels else self.groups.get(name, ()):
            queue = self.channels.get(channel)
            if queue is None:
                continue
            try:
                queue.put_nowait(data)
            except asyncio.QueueFull:
                metrics.LAYER_ERRORS.labels("full").inc()
                logger.warning("channel layer: a bell was lost, %s wait already", QUEUE_LIMIT)

    def _back(self) -> None:
        for listener in self.listeners:
            listener()

    def groups_of_shards(self, name: str) -> list[str]:
        """Return for each shard a group that is told through it, in their order."""
        found: dict[int, str] = {}
        for number in itertools.count():
            group = f"{name}.{number}"
            shard = self._get_shard(self._get_group_channel_name(group))
            found.setdefault(self._shards.index(shard), group)
            if len(found) == len(self._shards):
                return [found[index] for index in range(len(found))]
        raise AssertionError("every shard has its share of names")

    def renew(self, shard: int) -> None:
        """Open the shard's line anew."""
        self._shards[shard].renew()


class RedisLayer(RedisPubSubChannelLayer):
    """What ``CHANNEL_LAYERS`` names."""

    def _get_layer(self) -> LoopLayer:
        loop = asyncio.get_running_loop()
        layer: LoopLayer | None = self._layers.get(loop)
        if layer is None:
            layer = LoopLayer(*self._args, **self._kwargs, channel_layer=self)
            self._layers[loop] = layer
            _wrap_close(self, loop)
        return layer

    @property
    def line(self) -> LoopLayer:
        """The part of the running event loop: its lines can be watched and renewed."""
        return self._get_layer()
