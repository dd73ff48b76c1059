"""How long an answer of PostgreSQL is waited for: it may take a question and say nothing.

``statement_timeout`` ends what takes too long only where the server runs. One that is stopped,
or whose disk hangs, or behind a router that forgot the line, says nothing at all; keepalives
do not notice it where somebody on the way answers them.
"""

from __future__ import annotations

ANSWER_TIMEOUT_S = 8.0
"""Longer than any statement may take, by ``STATEMENT_TIMEOUT_S`` of ``databases.py``."""
CHECK_TIMEOUT_S = 2.0
"""For a question that costs the server nothing."""


class Patience:
    """How many seconds a process waits for an answer; None: for ever, as commands may."""

    limit: float | None = None

    @classmethod
    def end(cls) -> None:
        """Wait no longer than ``ANSWER_TIMEOUT_S`` from now on: people wait for this process."""
        cls.limit = ANSWER_TIMEOUT_S
