"""A crowd of sockets, posts at a steady pace, and what came of it."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from benchmarks.client import Socket
from benchmarks.ledger import (
    BODY_CHARS,
    Ledger,
    each_delivery,
    percentile_ms,
    stamped_body,
    to_last_reader,
)
from benchmarks.server import Usage
from benchmarks.sides import Side

OPENING_AT_ONCE = 32
WATCHED = 8
QUIET_S = 2.0
"""Nothing arrived for so long after the last post: what is missing is lost."""


@dataclass
class Crowd:
    """Everybody in the room. ``sockets`` read; the first of them also post."""

    side: Side
    ledger: Ledger
    sockets: list[Socket] = field(default_factory=list)

    def watched(self) -> list[Socket]:
        """A few sockets, evenly over the order in which the server may serve them."""
        return self.sockets[:: max(1, len(self.sockets) // WATCHED)]


@asynccontextmanager
async def crowd_of(side: Side, size: int) -> AsyncIterator[Crowd]:
    """Open ``size`` sockets, and close them when the block ends."""
    crowd = Crowd(side, Ledger(side.read_stamps))
    gate = asyncio.Semaphore(OPENING_AT_ONCE)

    async def enter(number: int) -> Socket:
        async with gate:
            return await side.connect(crowd.ledger, number)

    crowd.sockets = list(await asyncio.gather(*(enter(number) for number in range(size))))
    try:
        with collector_at_rest():
            yield crowd
    finally:
        for socket in crowd.sockets:
            socket.close()


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep the client's own garbage collector out of the latencies."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@dataclass(frozen=True)
class Reading:
    """What one window of load showed. Times in milliseconds, processor time in microseconds."""

    expected: int
    deliveries: int
    a_second: float
    """Deliveries, by the time from the first post to the last arrival."""
    cpu_us: float
    """Server processor time per delivery, everything that it did included."""
    busy: float
    frame_messages: float
    """Messages in a frame, on average."""
    p50: float
    p99: float
    last_p99: float
    """From the post until the last reader had it."""

    @property
    def lost(self) -> int:
        return self.expected - self.deliveries


async def steady(
    crowd: Crowd, *, rate: float, seconds: float, senders: int = 50, chars: int = BODY_CHARS
) -> Reading:
    """Post ``rate`` messages a second for ``seconds``, evenly, and read the result.

    The pace does not wait for anybody: a slow server gets no pity. The time in a post is
    that of its writing, and a latency ends when the client has the whole frame.
    """
    crowd.ledger.clear()
    for socket in crowd.watched():
        socket.watch()
    with crowd.side.server.window() as usage:
        await _post_evenly(crowd, rate, round(rate * seconds), senders, chars)
        expected = len(crowd.ledger.sent) * len(crowd.sockets)
        await settled(crowd, expected)
    return _reading(crowd, expected, usage)


async def _post_evenly(crowd: Crowd, rate: float, posts: int, senders: int, chars: int) -> None:
    start = time.monotonic()
    posting = crowd.sockets[:senders]
    for number in range(posts):
        wait = start + number / rate - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        post(crowd, posting[number % len(posting)], chars)


def post(crowd: Crowd, socket: Socket, chars: int = BODY_CHARS) -> None:
    """Post one stamped message and note it as sent."""
    stamp, body = stamped_body(chars)
    crowd.ledger.sent.append(stamp)
    crowd.side.post(socket, body)


async def settled(crowd: Crowd, expected: int) -> None:
    """Wait until ``expected`` deliveries arrived, or nothing did for ``QUIET_S``."""
    seen, since = -1, time.monotonic()
    while crowd.ledger.deliveries < expected:
        if crowd.ledger.deliveries != seen:
            seen, since = crowd.ledger.deliveries, time.monotonic()
        elif time.monotonic() - since > QUIET_S:
            return
        await asyncio.sleep(0.02)


def _reading(crowd: Crowd, expected: int, usage: Usage) -> Reading:
    ledger = crowd.ledger
    each, last = each_delivery(ledger), to_last_reader(ledger)
    frames = sum(len(broadcast.arrivals) for broadcast in ledger.broadcasts.values())
    return Reading(
        expected=expected,
        deliveries=ledger.deliveries,
        a_second=ledger.deliveries / _span_seconds(ledger),
        cpu_us=usage.cpu_seconds * 1e6 / max(1, ledger.deliveries),
        busy=usage.busy,
        frame_messages=ledger.deliveries / max(1, frames),
        p50=percentile_ms(each, 50),
        p99=percentile_ms(each, 99),
        last_p99=percentile_ms(last, 99),
    )


def _span_seconds(ledger: Ledger) -> float:
    """Return the time from the first post to the last arrival."""
    arrivals = (max(broadcast.arrivals) for broadcast in ledger.broadcasts.values())
    return (max(arrivals, default=time.monotonic_ns()) - min(ledger.sent)) / 1e9


def disorder(crowd: Crowd) -> str:
    """Decode what the watched sockets got: "" if complete, each once, the same for all."""
    sent = sorted(crowd.ledger.sent)
    orders = set()
    for socket in crowd.watched():
        read = (crowd.side.read_stamps(frame) or () for frame in socket.kept or ())
        order = tuple(stamp for stamps in read for stamp in stamps)
        if sorted(order) != sent:
            return "a watched socket missed or doubled messages"
        orders.add(order)
    return "" if len(orders) == 1 else "watched sockets saw different orders"
