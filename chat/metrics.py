"""What this process counts about itself, for whoever watches the site. No names, no rooms.

A label has a few values that stand in the code (a code of refusal, a source), never
anything that a person typed. What is hot counts once for a batch or a frame, not once for
each post or reader. ``docs/metrics.md`` says what each figure means.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from chat.errors import ChatError
from chat.protocol import HeldMark, Mark

# When each counter began is when the process did, which process_start_time_seconds says.
disable_created_metrics()

REGISTRY = CollectorRegistry()
"""Of this process alone: nothing of what other libraries register is in it."""


def _counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(f"chat_{name}", says, labels, registry=REGISTRY)


def _histogram(name: str, says: str, buckets: Sequence[float], *labels: str) -> Histogram:
    return Histogram(f"chat_{name}", says, labels, buckets=buckets, registry=REGISTRY)


SOCKETS_OPENED = _counter("sockets_opened", "Sockets that were let in.")
SOCKETS_CLOSED = _counter("sockets_closed", "Sockets that the site closed.", "code")

POSTS = _counter("posts", "Posts answered: accepted, held, or the code of a refusal.", "outcome")
_ACCEPTED = POSTS.labels("accepted")
COMMANDS_REFUSED = _counter("commands_refused", "Commands of sockets that were refused.", "code")
BATCH_SIZE = _histogram(
    "batch_size",
    "Intents (posts, read marks) that the writer committed in one transaction.",
    (1, 2, 5, 10, 20, 50, 100, 200, 500),
    "kind",
)
BATCH_SECONDS = _histogram(
    "batch_seconds",
    "Seconds from taking a batch to its commit, or to its refusal.",
    (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    "kind",
)

FRAMES_TOLD = _counter("frames_told", "Times that a room was told what is new in it.")
DELIVERIES = _counter("deliveries", "Room frames handed to readers: frames times readers.")
DELIVERED_BYTES = _counter("delivered_bytes", "Bytes of the room frames handed to readers.")
READERS_PASSED = _counter("readers_passed", "Readers passed over in a telling: slow, or behind.")
RESUMES = _counter("resumes", "Readers brought to the head again, by what answered.", "source")
RESETS = _counter("resets", "Readers that got a snapshot where they asked for changes.")

GAPS_FOUND = _counter("gaps_found", "Announcements that left a hole behind them.")
HEADS_BEHIND = _counter("heads_behind", "Heads in the database ahead of all that was heard.")
HOLES_READ = _counter("holes_read", "Readings of the database that closed a hole.")
HOLES_FAILED = _counter("holes_failed", "Readings of the database that could not close one.")
EPOCH_CHANGES = _counter("epoch_changes", "Times that the store was found to be another one.")

ANNOUNCEMENTS_HEARD = _counter("announcements_heard", "Announcements that this process heard.")
ANNOUNCEMENTS_DROPPED = _counter(
    "announcements_dropped", "Announcements that were never sent: the layer failed or was slow."
)
LAYER_ERRORS = _counter("layer_errors", "What failed of the channel layer.", "call")

THROTTLED = _counter("throttled", "Refusals by a throttle.", "what")
SIGN_IN_FAILURES = _counter("sign_in_failures", "Sign-ins with a wrong name or password.")

HTTP_REQUESTS = _counter("http_requests", "Answers over HTTP.", "view", "status")
HTTP_SECONDS = _histogram(
    "http_seconds",
    "Seconds that an answer over HTTP took to be made.",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    "view",
)


def count_batch(kind: str, size: int, seconds: float) -> None:
    """Count one transaction of the writer; ``kind`` is ``posts`` or ``reads``."""
    BATCH_SIZE.labels(kind).observe(size)
    BATCH_SECONDS.labels(kind).observe(seconds)


def count_posts(outcomes: Sequence[object]) -> None:
    """Count what became of posts: marks, refusals, or faults of ours."""
    # Nearly all are marks, and these cost what it takes to look at a type.
    accepted = Tally(map(type, outcomes))[Mark]
    if accepted:
        _ACCEPTED.inc(accepted)
    if accepted < len(outcomes):
        others = (outcome for outcome in outcomes if not isinstance(outcome, Mark))
        for word, count in Tally(map(_word_for, others)).items():
            POSTS.labels(word).inc(count)


def _word_for(outcome: object) -> str:
    if isinstance(outcome, ChatError):
        return outcome.code
    if isinstance(outcome, Exception):
        return "internal"
    return "held" if isinstance(outcome, HeldMark) else "accepted"


def count_telling(readers: int, passed: int, frame_bytes: int) -> None:
    """Count one frame of a room, told to ``readers`` of whom some were ``passed`` over."""
    FRAMES_TOLD.inc()
    DELIVERIES.inc(readers - passed)
    DELIVERED_BYTES.inc((readers - passed) * frame_bytes)
    if passed:
        READERS_PASSED.inc(passed)
