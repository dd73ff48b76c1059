"""Asking again while the store is busy, as every client does; but a deadlock is told at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from chat.errors import BusyError

T = TypeVar("T")
PATIENCE_S = 30.0
DEADLOCK = "40P01"
"""https://www.postgresql.org/docs/15/errcodes-appendix.html"""


def is_deadlock(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, is PostgreSQL's way out of a ring of waiters."""
    while error is not None:
        if getattr(error, "sqlstate", None) == DEADLOCK:
            return True
        error = error.__cause__
    return False


def until_answered(act: Callable[[], T]) -> T:
    """Do ``act``, again and again while it is busy, and return what it returns."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return act()
        except BusyError as error:
            if is_deadlock(error) or time.monotonic() > deadline:
                raise
