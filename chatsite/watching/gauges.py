"""What stands in this process at the moment, read when somebody asks, and never before."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from chat.announce import announcements_waiting
from chat.database import threads_waiting
from chat.hub import Hub
from chat.layer_health import redis_health
from chat.writer import writer
from chatsite.watching.readiness import Readiness, Report

DOORS = ("http", "socket", "socket-writing")
STATES = ("ready", "degraded", "draining", "behind", "dead")
_POOL = {
    "pool_size": "Connections to the database that this process has open.",
    "pool_available": "Of these, how many nobody uses.",
    "requests_waiting": "Threads that wait for a connection.",
}


class Gauges(Collector):
    """``look`` is called in the event loop; ``collect`` in the thread that makes the text."""

    def __init__(self) -> None:
        self._seen: list[GaugeMetricFamily] = []

    def look(self, hub: Hub | None, readiness: Readiness, report: Report) -> None:
        """Read how everything stands."""
        seen = [
            *(_of_the_hub(hub) if hub is not None else ()),
            _gauge(
                "writer_waiting", "Posts and read marks that wait for the writer.", writer.waiting
            ),
            _gauge(
                "announcements_waiting",
                "Announcements that wait to be sent.",
                announcements_waiting(),
            ),
            _threads(),
            *_pool(),
            _gauge(
                "migrations_missing",
                "Migrations that the database lacks.",
                readiness.migrations.missing,
            ),
            _gauge(
                "migrations_ahead",
                "Migrations that this code does not know.",
                readiness.migrations.ahead,
            ),
            *_redis(),
        ]
        states = GaugeMetricFamily(
            "chat_state", "1 for the state that /readyz says.", labels=["state"]
        )
        for state in STATES:
            states.add_metric([state], float(state == report.state))
        self._seen = [*seen, states]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._seen


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"chat_{name}", says, value=float(value))


def _of_the_hub(hub: Hub) -> Iterable[GaugeMetricFamily]:
    fanouts = list(hub.fanouts.values())
    tails = [fanout.tail for fanout in fanouts if fanout.tail is not None]
    blocked = sum(connection.outlet.blocked for connection in hub.connections)
    return (
        _gauge("sockets", "Open sockets.", len(hub.connections)),
        _gauge("people", "People with an open socket.", len(hub.people)),
        _gauge("rooms_known", "Rooms that somebody here belongs to or follows.", len(fanouts)),
        _gauge(
            "rooms_followed",
            "Rooms that somebody here follows.",
            sum(bool(f.feeds) for f in fanouts),
        ),
        _gauge(
            "feeds", "Sockets times the rooms that they follow.", sum(len(f.feeds) for f in fanouts)
        ),
        _gauge("readers_blocked", "Sockets that take nothing at the moment.", blocked),
        _gauge(
            "tail_messages",
            "Messages kept in memory for readers who return.",
            sum(t.messages for t in tails),
        ),
        _gauge("tail_chars", "Characters of these messages as JSON.", sum(t.chars for t in tails)),
    )


def _redis() -> Iterable[GaugeMetricFamily]:
    health = redis_health()
    return (
        _gauge(
            "layer_deaf_seconds",
            "Seconds since this process last heard its own bell, where it should have.",
            health.deaf_for,
        ),
        _gauge(
            "counting_alone_seconds",
            "Seconds for which throttles are counted in this process alone.",
            health.not_counting_for,
        ),
    )


def _threads() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "chat_threads_waiting", "Work that waits for a database thread.", labels=["door"]
    )
    for door in DOORS:
        family.add_metric([door], threads_waiting(door))
    return family


def _pool() -> Iterable[GaugeMetricFamily]:
    pool = getattr(connection, "pool", None)
    if pool is None:
        return ()
    stats = pool.get_stats()
    return [_gauge(f"database_{name}", says, stats.get(name, 0)) for name, says in _POOL.items()]
