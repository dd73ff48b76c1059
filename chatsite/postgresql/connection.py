"""A connection to PostgreSQL that is given up where no answer comes in time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.errors import _WaitTimeout

from chatsite.postgresql.patience import Patience

LOOK_EVERY_S = 0.1
"""As psycopg does."""


class ImpatientConnection(Connection[Any]):
    """psycopg's own, but for its patience. Once it is lost, the connection is closed."""

    _limit: float | None = None

    @contextmanager
    def waiting_for(self, seconds: float) -> Iterator[None]:
        """Give up sooner than usual."""
        self._limit = seconds
        try:
            yield
        finally:
            self._limit = None

    def wait(self, gen: Any, interval: float = LOOK_EVERY_S, timeout: float | None = None) -> Any:
        """Do as psycopg does. Raises ``OperationalError`` where no answer comes in time.

        What was asked may have been done: a commit whose answer is lost is not known.
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self._limit or Patience.limit)
        except _WaitTimeout as silence:
            # In the middle of an answer it is of no use to anybody any more.
            self.pgconn.finish()
            raise OperationalError("PostgreSQL did not answer in time") from silence
