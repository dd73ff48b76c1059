"""A batch: what many asked for is committed in one transaction, and each is answered."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db import close_old_connections

from chat import errors, metrics
from chat.post_intents import PostIntent
from chat.posting import LATER
from chat.read_marks import ReadIntent

logger = logging.getLogger(__name__)

Waiting = tuple[PostIntent | ReadIntent, "asyncio.Future[Any]"]
Store = Callable[[Sequence[Any]], Sequence[Any]]
"""Commits intents; returns an outcome for each: a result, a refusal, or ``LATER``."""


def commit(batch: Sequence[Waiting], kind: str, store: Store) -> Sequence[Any]:
    """Store what waits and answer everyone but who is to wait on; return the outcomes."""
    if not batch:
        return ()
    started = time.perf_counter()
    outcomes: Sequence[Any]
    try:
        close_old_connections()
        outcomes = store([intent for intent, _ in batch])
    except errors.ChatError as refusal:
        outcomes = [refusal] * len(batch)
    except Exception as fault:
        # A fault of ours. Everyone who waits is told, and the thread lives on.
        logger.exception("a batch of %s could not be committed", len(batch))
        outcomes = [fault] * len(batch)
    seconds = time.perf_counter() - started
    answer(batch, outcomes)
    # Only now: who waits for an answer waits neither for the figures nor for the pool.
    close_old_connections()
    metrics.count_batch(kind, len(batch), seconds)
    return outcomes


def answer(batch: Sequence[Waiting], outcomes: Sequence[Any]) -> None:
    """Hand the outcomes to the loops that wait, with one wake-up for each loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = defaultdict(
        list
    )
    for (_, future), outcome in zip(batch, outcomes, strict=True):
        if outcome is not LATER:
            by_loop[future.get_loop()].append((future, outcome))
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, answers)
        except RuntimeError:
            # A loop that is closed has no one left who waits.
            if not loop.is_closed():
                raise


def _resolve(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, outcome in answers:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
