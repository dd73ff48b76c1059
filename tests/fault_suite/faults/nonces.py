"""Fault 13: one intent arrives a hundred times at once, from two tabs and at two servers."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.worlds import Worlds
from tests.faults.set_full import percentile
from tests.live.window import Window

NAME = "the same nonce 100 times at once, from two tabs at two servers"
TIMES = 100
INTENTS = 5


@fault(13, NAME, shape="many", seeded=True, short=True, expects="one message")
async def one_nonce_many_times(worlds: Worlds, seed: int) -> Result:
    """All the answers name one message; one frame tells of it; the rows are one."""
    result = Result(13, NAME, "many", seed)
    world = await worlds.shared("many")
    ada, bob = await asyncio.to_thread(world.people, "ada", "bob")
    room = await asyncio.to_thread(world.room, ada, bob)
    waits: list[float] = []
    async with AsyncExitStack() as stack:
        desk, phone = [
            await stack.enter_async_context(
                world.window(bob, uri=f"{app.address.replace('http', 'ws', 1)}/socket/")
            )
            for app in world.apps
        ]
        hers = await stack.enter_async_context(world.window(ada))
        await hers.follow(room)
        for number in range(INTENTS):
            post = {"room": room, "nonce": f"seed-{seed}-{number}", "body": f"Intent {number}."}
            answers = await _at_once((desk, phone), post, waits)
            ids = {answer["message"]["id"] for answer in answers if answer["type"] == "ok"}
            refused = [answer for answer in answers if answer["type"] != "ok"]
            result.expect(len(ids) == 1, f"intent {number} became the messages {ids}")
            result.expect(not refused, f"refused: {refused[:2]}")
            result.acknowledged += len(answers)
            await hers.hear_message(room, f"Intent {number}.")
        assert await hers.is_alive()
        told = [message["body"] for frame in hers.heard for message in frame.get("messages", ())]
    stored = await asyncio.to_thread(world.stored, room)
    result.doubled = len(stored) - INTENTS + len(told) - len(set(told))
    result.lost = max(0, INTENTS - len(stored))
    result.expect(len(stored) == INTENTS, f"{len(stored)} and not {INTENTS} messages are stored")
    result.expect(len(told) == INTENTS, f"{len(told)} messages were told")
    result.slowest_ack_p99_ms = percentile(waits, 0.99) * 1000
    result.memory_mb = world.memory_mib
    result.broken += await asyncio.to_thread(world.damage)
    return result


async def _at_once(
    windows: tuple[Window, Window], post: dict[str, Any], waits: list[float]
) -> list[dict[str, Any]]:
    """Send a post from both windows in turn without waiting, and return all answers."""
    since = time.monotonic()
    sent = [(window, await window.send("post", **post)) for window in windows * (TIMES // 2)]
    answers = []
    for window, command in sent:
        answers.append(await window.hear(lambda frame, asked=command: frame.get("id") == asked))
        waits.append(time.monotonic() - since)
    return answers
