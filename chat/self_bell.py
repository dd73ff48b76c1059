"""A hub rings its own bell and listens whether it hears it: that is how it knows it is not deaf.

A line to Redis can be open and dead: nothing arrives, and nothing says so. So the hub sends
itself a probe each second through every shard of the layer. One that hears nothing of itself
for some seconds opens that line anew; when bells are heard again, it looks at what was missed.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from channels.layers import get_channel_layer

from chat.announce import LAYER_ERRORS
from chat.layer_health import LayerHealth, say_health
from chat.redis.layer import LoopLayer, RedisLayer

if TYPE_CHECKING:
    from chat.hub import Hub

logger = logging.getLogger(__name__)

RING_EVERY_S = 1.0
DEAF_AFTER_S = 3.0
"""A bell rung so long ago should have been heard. Opening one anew takes less."""


@dataclass
class _Ear:
    """What is known of one shard. Times are by the monotonic clock."""

    group: str
    heard_at: float = field(default_factory=time.monotonic)
    renewed_at: float = 0.0
    is_deaf: bool = False


class SelfBell:
    """Of one hub. Used from its event loop alone; a layer in this process needs none."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._name = f"probe.{secrets.token_hex(8)}"
        self._ears: list[_Ear] = []

    async def run(self) -> None:
        """Ring and listen, for ever."""
        layer = get_channel_layer()
        if not isinstance(layer, RedisLayer):
            return
        layer.line.listeners.append(self._look_again)
        self._ears = [_Ear(group) for group in layer.line.groups_of_shards(self._name)]
        for ear in self._ears:
            self._hub.spawn(self._hub.groups.join(ear.group))
        while True:
            for shard, ear in enumerate(self._ears):
                self._hub.spawn(self._ring(shard, ear))
                self._judge(layer.line, shard, ear)
            self._say()
            await asyncio.sleep(RING_EVERY_S)

    async def _ring(self, shard: int, ear: _Ear) -> None:
        message = {"type": "probe", "name": self._name, "shard": shard}
        try:
            await self._hub.groups.layer.group_send(ear.group, message)
        except LAYER_ERRORS as error:
            # What it means is judged by what is heard.
            logger.debug("a probe was not sent (%s)", type(error).__name__)

    def hear(self, message: dict[str, Any]) -> None:
        """Take note of a probe that came back."""
        if message["name"] != self._name:
            return
        ear = self._ears[message["shard"]]
        ear.heard_at = time.monotonic()
        if ear.is_deaf:
            ear.is_deaf = False
            logger.warning("channel layer: bells of shard %s are heard again", message["shard"])
            self._say()
            self._look_again()

    def _judge(self, line: LoopLayer, shard: int, ear: _Ear) -> None:
        now = time.monotonic()
        if now - max(ear.heard_at, ear.renewed_at) < DEAF_AFTER_S:
            return
        if not ear.is_deaf:
            ear.is_deaf = True
            logger.warning(
                "channel layer: no bell of shard %s is heard; its line is renewed", shard
            )
        ear.renewed_at = now
        line.renew(shard)

    def _look_again(self) -> None:
        """Look at everything that a bell may have told meanwhile."""
        self._hub.watches.look_soon()

    def _say(self) -> None:
        deaf = [ear for ear in self._ears if ear.is_deaf]
        since = min((ear.heard_at for ear in deaf), default=0.0)
        say_health(LayerHealth(shards=len(self._ears), deaf_shards=len(deaf), deaf_since=since))
