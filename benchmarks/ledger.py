"""What was sent and what arrived, noted so cheaply that the noting is not what is measured.

Every post carries the moment it was sent, in nanoseconds of the machine's monotonic
clock, behind a mark that no other text on the wire has. A frame is decoded once, the
first time it is seen; for every other socket only the time of its arrival is noted.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

MARK = b"^"
_DIGITS = 19
BODY_CHARS = 120
"""The length of a message, as in the measurements that the targets come from."""

BUCKET_NS = 10_000


def stamped_body(chars: int = BODY_CHARS) -> tuple[int, str]:
    """Return the moment in nanoseconds, and a body of ``chars`` characters that carries it."""
    now = time.monotonic_ns()
    return now, f"^{now:0{_DIGITS}d} ".ljust(chars, "m")


def stamp_of(body: str) -> int:
    """Return the moment that ``body`` carries, in nanoseconds."""
    return int(body[1 : 1 + _DIGITS])


@dataclass(slots=True)
class Broadcast:
    """One frame that many sockets got: the messages in it, and when it arrived at each."""

    stamps: tuple[int, ...]
    arrivals: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Ledger:
    """The book of one load. ``read_stamps`` takes a frame apart; None if it is not live."""

    read_stamps: Callable[[bytes], tuple[int, ...] | None]
    sent: list[int] = field(default_factory=list)
    broadcasts: dict[tuple[bytes, int], Broadcast] = field(default_factory=dict)
    deliveries: int = 0

    def note(self, data: bytearray, start: int, end: int, now: int) -> int:
        """Note the frame in ``data[start:end]``; return how many messages are in it, live.

        Two frames with the same first message and the same length are taken for the
        same frame. The watched sockets, which keep all they get, would show otherwise.
        """
        mark = data.find(MARK, start, end)
        if mark < 0:
            return 0
        key = (bytes(data[mark + 1 : mark + 1 + _DIGITS]), end - start)
        broadcast = self.broadcasts.get(key)
        if broadcast is None:
            stamps = self.read_stamps(bytes(data[start:end]))
            if stamps is None:
                return 0
            broadcast = self.broadcasts[key] = Broadcast(stamps)
        broadcast.arrivals.append(now)
        count = len(broadcast.stamps)
        self.deliveries += count
        return count

    def clear(self) -> None:
        """Forget everything, for the next repeat."""
        self.sent.clear()
        self.broadcasts.clear()
        self.deliveries = 0


def each_delivery(ledger: Ledger) -> Counter[int]:
    """Count deliveries by the time they took, in buckets of ``BUCKET_NS``."""
    buckets: Counter[int] = Counter()
    for broadcast in ledger.broadcasts.values():
        for stamp in broadcast.stamps:
            buckets.update((arrival - stamp) // BUCKET_NS for arrival in broadcast.arrivals)
    return buckets


def to_last_reader(ledger: Ledger) -> Counter[int]:
    """Count posts by the time until the last socket had them, in buckets of ``BUCKET_NS``."""
    last: dict[int, int] = {}
    for broadcast in ledger.broadcasts.values():
        latest = max(broadcast.arrivals)
        for stamp in broadcast.stamps:
            last[stamp] = max(last.get(stamp, 0), latest)
    return Counter((arrival - stamp) // BUCKET_NS for stamp, arrival in last.items())


def percentile_ms(buckets: Counter[int], percent: float) -> float:
    """Return the upper edge of the bucket that holds the percentile, in milliseconds."""
    wanted = buckets.total() * percent / 100
    seen = 0
    for bucket, count in sorted(buckets.items()):
        seen += count
        if seen >= wanted:
            return (bucket + 1) * BUCKET_NS / 1e6
    return float("nan")
