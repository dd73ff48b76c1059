"""The site's own channel layer, but what it brings is dropped, doubled, reordered and late.

Used by real processes through ``rough_settings.py``. How rough it is stands in a file, which
a test writes while they run.
"""

from __future__ import annotations

import asyncio
import copy
import json
import random
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string

Message = dict[str, Any]


@dataclass(frozen=True)
class Orders:
    """What happens to each message, for each process by its own chance."""

    loss: float = 0.0
    doubling: float = 0.0
    delay_s: float = 0.0
    """At most; each message has a delay of its own, so they overtake each other."""
    seed: int = 0

    def write(self, path: Path) -> None:
        """Let it hold from now on for every process that reads ``path``."""
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(path)

    @classmethod
    def read(cls, path: Path) -> Orders:
        """What holds now."""
        return cls(**json.loads(path.read_text()))


class RoughLayer:
    """Wraps the layer ``over`` (as in ``CHANNEL_LAYERS``); only hearing is rough."""

    def __init__(self, *, over: dict[str, Any], orders: str) -> None:
        self._inner = import_string(over["BACKEND"])(**over["CONFIG"])
        self._path = Path(orders)
        self._chance = random.Random()
        self._seed = 0
        self._brought: dict[str, asyncio.Queue[Message | Exception]] = defaultdict(asyncio.Queue)
        self._carriers: dict[str, asyncio.Task[None]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def receive(self, channel: str) -> Message:
        """Return the next message that has found its way."""
        if channel not in self._carriers:
            self._carriers[channel] = asyncio.create_task(self._carry(channel))
        message = await self._brought[channel].get()
        if isinstance(message, Exception):
            raise message
        return message

    async def _carry(self, channel: str) -> None:
        while True:
            try:
                message = await self._inner.receive(channel)
            except Exception as error:  # noqa: BLE001 - whoever receives is told, as without us
                self._brought[channel].put_nowait(error)
            else:
                self._bring(channel, message)

    def _bring(self, channel: str, message: Message) -> None:
        orders = Orders.read(self._path)
        if orders.seed != self._seed:
            self._seed = orders.seed
            self._chance.seed(orders.seed)
        if self._chance.random() < orders.loss:
            return
        copies = 2 if self._chance.random() < orders.doubling else 1
        for _ in range(copies):
            asyncio.get_running_loop().call_later(
                self._chance.uniform(0, orders.delay_s),
                self._brought[channel].put_nowait,
                copy.deepcopy(message),
            )
