"""Fault 12: people connect and leave each second while others talk fast."""

from __future__ import annotations

import asyncio

import orjson

from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World
from tests.fault_suite.worlds import Worlds
from tests.live.house import Someone
from tests.mirror import Mirror

NAME = "connecting and leaving each second under 50 posts a second"
POSTS_PER_S = 50.0
VISITORS = 4
LONGEST_S, SHORT_S = 8.0, 4.0


@fault(
    12,
    NAME,
    shape="many",
    seeded=True,
    short=True,
    expects="no gap and no double at the seam",
)
async def coming_and_going(worlds: Worlds, seed: int) -> Result:
    """Visitors resume from their cursor each time; every frame must fit what they hold."""
    result = Result(12, NAME, "many", seed)
    world = await worlds.shared("many")
    people = await asyncio.to_thread(world.people, *(f"visitor {n}" for n in range(VISITORS)))
    over = asyncio.Event()
    async with Workload(world, seed, posts_per_s=POSTS_PER_S) as load:
        stays = [load.chance.uniform(0.5, 1.2) for _ in people]
        visiting = [
            asyncio.create_task(_visit(world, person, load.room, stay, over))
            for person, stay in zip(people, stays, strict=True)
        ]
        await asyncio.sleep(SHORT_S if worlds.is_short else LONGEST_S)
        await load.settle()
        over.set()
        visits = await asyncio.gather(*visiting)
        await load.judge_into(result)
    stored = await asyncio.to_thread(world.stored, load.room)
    for mirror, _, gaps in visits:
        bodies = [row["body"] for row in stored]
        seen = mirror.bodies()
        result.doubled += len(seen) - len(set(seen))
        result.lost += len(set(bodies) - set(seen))
        result.expect(seen == bodies, f"a visitor saw {len(seen)} of {len(bodies)} posts")
        result.broken += gaps
    result.note(f"{sum(count for _, count, _ in visits)} visits of {VISITORS} people")
    return result


async def _visit(
    world: World, person: Someone, room: int, stay_s: float, over: asyncio.Event
) -> tuple[Mirror, int, list[str]]:
    """Come and go until it is over, and once more; return the view, the visits, the gaps."""
    # From the room's beginning, so that what is held in the end is everything.
    mirror = Mirror(room, revision=0)
    visits, gaps = 0, []
    while True:
        is_last = over.is_set()
        connection = await world.connect(person)
        epoch = orjson.loads(await connection.recv())["epoch"]
        cursor = f"{epoch}:{mirror.revision}"
        wish = {"type": "subscribe", "id": 1, "room": room, "cursor": cursor}
        await connection.send(orjson.dumps(wish).decode())
        visits += 1
        try:
            async with asyncio.timeout(stay_s):
                while True:
                    frame = orjson.loads(await connection.recv())
                    if mirror.apply(frame):
                        gaps.append(f"a gap before {frame}"[:300])
        except TimeoutError:
            await connection.close()
        if is_last:
            return mirror, visits, gaps
