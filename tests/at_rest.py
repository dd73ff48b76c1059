"""Whatever the threads of this process still do is done before a test's store is emptied.

A hub that ends leaves behind what its threads have begun. On PostgreSQL emptying the store
meets their locks, and on both databases their rows would be found by the next test.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import SyncToAsync
from django.db import connection, connections

from chat.database import threads
from chat.writer import writer

DOORS = ("socket", "socket-writing", "http")
PATIENCE_S = 30.0


@pytest.fixture(autouse=True)
def threads_rest(request: pytest.FixtureRequest) -> Iterator[None]:
    """In tests that commit, threads come to rest and give their connections back."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if not commits and "transactional_db" not in request.fixturenames:
        yield
        return
    # Before anything else of the test, so that it ends after everything else but the store.
    request.getfixturevalue("transactional_db")
    yield
    for door in DOORS:
        _rest(threads(door))
    if connection.vendor != "sqlite":
        # Where a test's own ``await Message.objects.acount()`` and its like have run.
        SyncToAsync.single_thread_executor.submit(connections.close_all).result(PATIENCE_S)
    deadline = time.monotonic() + PATIENCE_S
    while writer.waiting:
        assert time.monotonic() < deadline, "the writer does not come to rest"
        time.sleep(0.001)


def _rest(pool: ThreadPoolExecutor) -> None:
    """Return when every thread of the pool has done what it was given before."""
    if not pool._threads:
        return
    size = pool._max_workers
    # Each waits for all others, so that none of them takes this up twice.
    meet = threading.Barrier(size)

    def close() -> None:
        meet.wait(PATIENCE_S)
        if connection.vendor != "sqlite":
            connections.close_all()

    for resting in [pool.submit(close) for _ in range(size)]:
        resting.result(PATIENCE_S)
