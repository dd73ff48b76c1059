"""``python -m benchmarks.layers``: the two layers of channels-redis, and ours, under faults.

With a Redis of its own, which it starts, kills, freezes and removes again. ``--long`` keeps it
down for 30 s instead of 10. The table belongs into ``docs/channel-layer.md``.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import resource
import signal
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.layer_ringing import NAMES, Pair, plain, wrong_clocks
from deploy.scale.ports import free_port
from deploy.scale.redis import Redis

BEFORE_S = 1.0
HEARD_AGAIN_WITHIN_S = 20.0
LOOK_EVERY_S = 0.05
LAST_BELLS_S = 1.0
HELD_S = 5.0
CUTS = 5
PLAIN_BELLS = 2_000
WAITING_BELLS = 20_000
HOUR_S = 3600.0
Fault = Callable[[Redis], Awaitable[None]]


async def quick(redis: Redis) -> None:
    redis.kill()
    await asyncio.sleep(0.3)
    await asyncio.to_thread(redis.start)


def down(seconds: float) -> Fault:
    async def fault(redis: Redis) -> None:
        redis.kill()
        await asyncio.sleep(seconds)
        await asyncio.to_thread(redis.start)

    return fault


async def frozen(redis: Redis) -> None:
    os.kill(redis.pid, signal.SIGSTOP)
    await asyncio.sleep(HELD_S)
    os.kill(redis.pid, signal.SIGCONT)


async def silent(redis: Redis) -> None:
    redis.kill()
    with socket.create_server(("127.0.0.1", redis.port), backlog=1000):
        await asyncio.sleep(HELD_S)
    await asyncio.to_thread(redis.start)


async def cut(redis: Redis) -> None:
    for _ in range(CUTS):
        # Core has no such lines: those that wait for its messages are normal ones.
        for kind in ("pubsub", "normal"):
            await asyncio.to_thread(redis.cli, "CLIENT", "KILL", "TYPE", kind)
        await asyncio.sleep(1)


async def nothing(redis: Redis) -> None:
    await asyncio.sleep(2)


async def under(fault: Fault, name: str, redis: Redis, clock_off: float = 0.0) -> tuple[str, ...]:
    """Run one fault under one layer; return the cells of its row."""
    pair = Pair(name, redis.url)
    await pair.open()
    tasks = [asyncio.create_task(pair.listen()), asyncio.create_task(pair.ring(clock_off))]
    if clock_off:
        # Two tell: one by the wrong clock and one by the right one.
        tasks.append(asyncio.create_task(pair.ring()))
    await asyncio.sleep(BEFORE_S)
    await fault(redis)
    ringing = pair.ringing
    ringing.back_at = time.monotonic()
    for _ in range(int(HEARD_AGAIN_WITHIN_S / LOOK_EVERY_S)):
        await asyncio.sleep(LOOK_EVERY_S)
        if ringing.deafness is not None:
            break
    pair.stop()
    await asyncio.sleep(LAST_BELLS_S)
    deafness = ringing.deafness
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=5)
    await pair.close()
    told = "for ever" if deafness is None else f"{deafness:.1f} s"
    counts = (len(ringing.rung), ringing.lost, ringing.refused, ringing.deaf)
    return (*map(str, counts[:2]), told, *map(str, counts[2:]))


async def waiting(name: str, redis: Redis) -> str:
    """Return what bells cost that nobody takes."""
    pair = Pair(name, redis.url)
    await pair.open()
    before = _memory_mib()
    for _ in range(WAITING_BELLS):
        await pair.ring_once()
    await asyncio.sleep(0.5)
    grown = _memory_mib() - before
    kept = 0
    try:
        while True:
            async with asyncio.timeout(1):
                await pair.hearer.receive(pair.channel)
            kept += 1
    except TimeoutError:
        await pair.close()
    return f"{kept} kept, {max(0.0, grown):.0f} MiB"


def _memory_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


async def measure(redis: Redis, down_s: float) -> None:
    print("| layer | delivery, median | p99 | CPU a bell | 20,000 bells that nobody takes |")
    print("|---|--:|--:|--:|--:|")
    for name in NAMES:
        pair = Pair(name, redis.url)
        await pair.open()
        middle, p99, cpu = await plain(pair, PLAIN_BELLS)
        await pair.close()
        cost = await waiting(name, redis)
        print(f"| {name} | {middle:.2f} ms | {p99:.2f} ms | {cpu:.0f} µs | {cost} |", flush=True)
    faults: list[tuple[str, Fault, float]] = [
        ("killed, back in 0.3 s", quick, 0.0),
        (f"down for {down_s:.0f} s", down(down_s), 0.0),
        (f"frozen for {HELD_S:.0f} s", frozen, 0.0),
        (f"silent for {HELD_S:.0f} s", silent, 0.0),
        (f"lines cut, {CUTS} times", cut, 0.0),
        ("one teller's clock an hour behind", nothing, -HOUR_S),
        ("one teller's clock an hour ahead", nothing, HOUR_S),
    ]
    print()
    print("| Redis | layer | bells taken | lost | deaf afterwards | errors, telling | listening |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for what, fault, clock_off in faults:
        for name in NAMES:
            cells = await under(fault, name, redis, clock_off)
            print(f"| {' | '.join((what, name, *cells))} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.layers", description=__doc__)
    parser.add_argument("--long", action="store_true", help="down for 30 s instead of 10")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="chat-layers-") as folder, wrong_clocks():
        redis = Redis(Path(folder), free_port())
        redis.start()
        try:
            asyncio.run(measure(redis, 30 if asked.long else 10))
        finally:
            redis.kill()


if __name__ == "__main__":
    main()
