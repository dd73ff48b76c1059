"""How this process goes to the store: one writing turn at a time, and a pool of threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import cache, partial
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import (
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)

from chat import errors

P = ParamSpec("P")
T = TypeVar("T")

BUSY_RETRY_S = 1.0
TURN_TIMEOUT_S = 5.0
"""How long a thread waits for its turn to write, beside SQLite's own timeout of the same."""
_sqlite_turn = threading.RLock()


@contextmanager
def writing() -> Iterator[None]:
    """Hold one transaction in which the store may be written.

    SQLite has one writer, and its waiters sleep and poll for up to 100 ms; a lock of
    ours lets the threads of this process follow one another at once. Inside a
    transaction that is already open SQLite's own lock is held (the mode is IMMEDIATE),
    and waiting for ours there would let two threads wait for each other.

    Raises ``BusyError`` where the database did not answer in time; nothing was written.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with _busy_if_unanswered(), transaction.atomic():
            yield
        return
    with _taking_turns(), _busy_if_unanswered(), transaction.atomic():
        yield


@contextmanager
def _taking_turns() -> Iterator[None]:
    # Bounded: where the file is locked from outside, the last of many writers would
    # otherwise hear of it only after the timeouts of all those before it.
    if not _sqlite_turn.acquire(timeout=TURN_TIMEOUT_S):
        raise errors.BusyError(retry_after=BUSY_RETRY_S)
    try:
        yield
    finally:
        _sqlite_turn.release()


@contextmanager
def _busy_if_unanswered() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise errors.BusyError(retry_after=BUSY_RETRY_S) from error


@cache
def threads(door: str) -> ThreadPoolExecutor:
    """Return the bounded pool of a door; each of its threads keeps one connection.

    Doors have pools of their own, so that slow pages cannot keep sockets waiting.
    """
    return ThreadPoolExecutor(settings.DATABASE_THREADS, thread_name_prefix=door)


def threads_waiting(door: str) -> int:
    """Return how much work waits for a thread of a door."""
    return threads(door)._work_queue.qsize()


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call ``function`` in a database thread and return what it returns.

    Django's own ``sync_to_async`` runs everything of a process in one thread, so that
    one slow query would stall every socket. Raises what ``function`` raises, and
    ``BusyError`` where the database did not answer in time.
    """
    return await _in_thread("socket", partial(function, *args, **kwargs))


async def write_in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do as ``in_database`` for what writes, in threads of its own.

    Writers wait for each other, and for whoever locks the store from outside; those who
    only read must not wait behind them.
    """
    return await _in_thread("socket-writing", partial(function, *args, **kwargs))


async def _in_thread(door: str, function: Callable[[], T]) -> T:
    # In the context of who asks, so that the log names whose work it is.
    call = partial(copy_context().run, _call, function)
    return await asyncio.get_running_loop().run_in_executor(threads(door), call)


def _call(function: Callable[[], T]) -> T:
    close_old_connections()
    try:
        with _busy_if_unanswered():
            return function()
    finally:
        # A thread that rests keeps no connection that another could use.
        close_old_connections()
