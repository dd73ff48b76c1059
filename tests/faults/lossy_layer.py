"""A channel layer that loses, doubles, reorders and delays, as it is told to."""

from __future__ import annotations

import asyncio
import copy
import random
from collections import defaultdict
from typing import Any

Message = dict[str, Any]


class HeldLayer:
    """Keeps every message until somebody says what becomes of it."""

    def __init__(self) -> None:
        self.pending: list[tuple[str, Message]] = []
        """Channel and message, in the order in which they were sent."""
        self._queues: dict[str, asyncio.Queue[Message]] = defaultdict(asyncio.Queue)
        self._groups: dict[str, set[str]] = defaultdict(set)
        self._count = 0

    async def new_channel(self, prefix: str = "specific") -> str:
        self._count += 1
        return f"{prefix}.{self._count}"

    async def group_add(self, group: str, channel: str) -> None:
        self._groups[group].add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self._groups[group].discard(channel)

    async def group_send(self, group: str, message: Message) -> None:
        for channel in sorted(self._groups[group]):
            self.carry(channel, copy.deepcopy(message))

    async def receive(self, channel: str) -> Message:
        return await self._queues[channel].get()

    def carry(self, channel: str, message: Message) -> None:
        """Take a message in."""
        self.pending.append((channel, message))

    def hand_over(self, channel: str, message: Message) -> None:
        """Bring a message to its end."""
        self._queues[channel].put_nowait(message)

    def deliver(self, index: int) -> None:
        """Bring a pending message, whichever its turn would be."""
        self.hand_over(*self.pending.pop(index))

    def double(self, index: int) -> None:
        """Bring a pending message, and keep it too."""
        channel, message = self.pending[index]
        self.hand_over(channel, copy.deepcopy(message))

    def drop(self, index: int) -> None:
        """Lose a pending message."""
        self.pending.pop(index)


class LossyLayer(HeldLayer):
    """Loses and doubles by chance, and delays each for a time of its own, so they reorder."""

    def __init__(
        self, chance: random.Random, *, loss: float, doubling: float, delay: float
    ) -> None:
        super().__init__()
        self._chance = chance
        self._loss = loss
        self._doubling = doubling
        self._delay = delay
        self.lost = self.doubled = self.carried = 0
        self.lose_all = False

    def carry(self, channel: str, message: Message) -> None:
        self.carried += 1
        if self.lose_all or self._chance.random() < self._loss:
            self.lost += 1
            return
        copies = 1
        if self._chance.random() < self._doubling:
            self.doubled += 1
            copies = 2
        for _ in range(copies):
            delay = self._chance.uniform(0, self._delay)
            asyncio.get_running_loop().call_later(delay, self.hand_over, channel, message)
