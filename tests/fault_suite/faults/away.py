"""Fault 11: somebody comes back after thousands of changes, or from before what is still kept."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from chat.protocol import CHANGES_PER_RESUME, HISTORY_MAX, SNAPSHOT_MESSAGES
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.world import World
from tests.fault_suite.worlds import Worlds
from tests.live.house import Browser, Someone
from tests.mirror import Mirror

NAME = "a client away for 5,000 changes, or below the floor"
CHANGES = 5_000
A_BATCH = 500
KEPT = 1_000


@fault(
    11, NAME, shape="one", short=True, expects="`reset`; scrolling back to the start has no hole"
)
async def away(worlds: Worlds, seed: int) -> Result:
    """Far behind, just within reach, and below the floor: each sees one room in the end."""
    result = Result(11, NAME, "one", seed)
    world = await worlds.shared("one")
    ada, bob = await asyncio.to_thread(world.people, "ada", "bob")
    room = await asyncio.to_thread(world.room, ada, bob)
    held = await _come(world, bob, room, Mirror(room))
    began = held.revision
    await asyncio.to_thread(_talk, world, room, ada)
    stored = await asyncio.to_thread(world.stored, room)
    result.acknowledged = len(stored)
    since = time.monotonic()
    await _far_behind(world, bob, held, stored, result)
    await _within_reach(world, bob, Mirror(room, began + CHANGES - CHANGES_PER_RESUME), result)
    result.converged_s = time.monotonic() - since
    gone = await asyncio.to_thread(world.backstage, "prune", room=room, newest=KEPT)
    result.expect(gone == CHANGES - KEPT, f"{gone} messages were removed")
    await _below_the_floor(world, bob, Mirror(room, stored[-KEPT]["revision"] - 2), result)
    result.memory_mb = world.memory_mib
    result.broken += await asyncio.to_thread(world.damage)
    return result


def _talk(world: World, room: int, author: Someone) -> None:
    for first in range(0, CHANGES, A_BATCH):
        world.posts(room, author, *(f"Number {n}." for n in range(first, first + A_BATCH)))


async def _come(world: World, person: Someone, room: int, mirror: Mirror) -> Mirror:
    """Connect with the mirror's cursor, take in what comes, and leave."""
    async with world.window(person) as window:
        epoch = (await window.welcome())["epoch"]
        cursor = f"{epoch}:{mirror.revision}" if mirror.revision >= 0 else None
        await window.follow(room, cursor)
        # Further frames of the same resume come before the answer to what is asked after it.
        assert await window.is_alive()
        for frame in window.heard:
            assert not mirror.apply(frame), f"a hole before {frame}"
    return mirror


async def _far_behind(
    world: World, person: Someone, held: Mirror, stored: list[dict[str, Any]], result: Result
) -> None:
    """A reset, and from there back to the first message by the pages of history."""
    mirror = await _come(world, person, held.room, held)
    newest = [row["seq"] for row in stored[-SNAPSHOT_MESSAGES:]]
    shown = [message["seq"] for message in mirror.in_order()]
    result.expect(shown == newest, f"after {CHANGES} changes not the newest: {shown[:3]} …")
    seen = await _scroll_back(world, person, mirror)
    wanted = [(row["seq"], row["body"]) for row in stored]
    result.doubled += len(seen) - len(set(seen))
    result.lost += len(set(wanted) - set(seen))
    result.expect(seen == wanted, f"scrolling back met {len(seen)} of {len(wanted)} messages")
    result.note(f"reset after {CHANGES} changes; {len(seen)} messages by scrolling back, no hole")


async def _within_reach(world: World, person: Someone, mirror: Mirror, result: Result) -> None:
    """The last cursor that is still answered with what changed, in frames that fit together."""
    await _come(world, person, mirror.room, mirror)
    bodies = [f"Number {n}." for n in range(CHANGES - CHANGES_PER_RESUME, CHANGES)]
    result.expect(mirror.bodies() == bodies, f"{len(mirror.messages)} changes and not 2,000 came")


async def _below_the_floor(world: World, person: Someone, mirror: Mirror, result: Result) -> None:
    """What lies below is gone: never a partial answer, and no hole above."""
    await _come(world, person, mirror.room, mirror)
    shown = mirror.bodies()
    wanted = [f"Number {n}." for n in range(CHANGES - SNAPSHOT_MESSAGES, CHANGES)]
    result.expect(shown == wanted, f"below the floor there was no reset: {len(shown)} messages")
    seen = [body for _, body in await _scroll_back(world, person, mirror)]
    kept = [f"Number {n}." for n in range(CHANGES - KEPT, CHANGES)]
    result.expect(seen == kept, f"{len(seen)} and not {KEPT} messages above the floor")
    result.note(f"below the floor: reset; {len(seen)} messages by scrolling back, no hole")


async def _scroll_back(world: World, person: Someone, mirror: Mirror) -> list[tuple[int, str]]:
    """Everything from the first message that there is to the last that the view shows."""
    seen = [(message["seq"], message["body"]) for message in mirror.in_order()]
    async with world.browser(person) as browser:
        while older := await _page(browser, mirror.room, before=seen[0][0]):
            seen = older + seen
    return seen


async def _page(browser: Browser, room: int, before: int) -> list[tuple[int, str]]:
    wish = {"before": before, "limit": HISTORY_MAX}
    answer = await browser.client.get(f"/api/rooms/{room}/messages/", params=wish)
    assert answer.status_code == 200, answer.text
    return [(message["seq"], message["body"]) for message in answer.json()["messages"]]
