"""The number of what is being done: of a request or a socket, so that log and page agree on it.

It follows the work from the event loop into its thread, stands in every line of the log
that the work writes, and is what people are told when something breaks.
"""

from __future__ import annotations

import secrets
from contextvars import ContextVar

_ID_BYTES = 6
_current: ContextVar[str] = ContextVar("work_id", default="")


def new_id() -> str:
    """Return a number that nothing had before."""
    return secrets.token_hex(_ID_BYTES)


def current_id() -> str:
    """Return the number of what is being done here; "" where it is nobody's in particular."""
    return _current.get()


def begin(work_id: str) -> None:
    """Give what is done from here on, in this context, its number."""
    _current.set(work_id)
