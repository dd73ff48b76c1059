"""The database wrapper: a connection that answers comes soon, or it is said that none does.

psycopg's pool finds connections that a restart of the server has ended one by one, with
pauses that double; here the first one found ends them all, and the pool opens new ones.
"""

from __future__ import annotations

import time
from typing import Any

from django.db import OperationalError as StoreAway
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg import IsolationLevel, OperationalError
from psycopg.errors import IdleInTransactionSessionTimeout
from psycopg_pool import ConnectionPool, PoolTimeout

from chatsite.postgresql.outage import PROBE_EVERY_S, Outage
from chatsite.postgresql.patience import CHECK_TIMEOUT_S

_outage = Outage()
DRAIN_AGAIN_S = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for how it takes a connection from the pool, and what it calls its end."""

    _drained_at = 0.0

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        """Django's errors in place of psycopg's."""
        return _ErrorWrapper(self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection from the pool that has just answered. Raises ``OperationalError``."""
        pool = self.pool
        if pool is None:
            return super().get_new_connection(conn_params)
        if _outage.refuses() and not pool.get_stats()["pool_available"]:
            raise OperationalError("PostgreSQL gave no connection a moment ago")
        # As Django's own does where no other level is set.
        self.isolation_level = IsolationLevel.READ_COMMITTED
        pool.open()
        try:
            connection = _sound_connection(pool)
        except PoolTimeout:
            _outage.began()
            raise
        _outage.ended()
        return connection


class _ErrorWrapper(DatabaseErrorWrapper):
    """Django's own, but for one: a connection that the server ended is away, not a fault of ours.

    psycopg sorts a transaction that rested for too long under internal errors, by its code.
    """

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        if isinstance(exc_value, IdleInTransactionSessionTimeout):
            self.wrapper.errors_occurred = True  # type: ignore[attr-defined]
            raise StoreAway(*exc_value.args) from exc_value
        super().__exit__(exc_type, exc_value, traceback)


def _sound_connection(pool: ConnectionPool[Any]) -> Any:
    """Return a connection that answers. Raises ``PoolTimeout``."""
    deadline = time.monotonic() + (PROBE_EVERY_S if _outage.is_on else pool.timeout)
    while True:
        connection = pool.getconn(max(0.0, deadline - time.monotonic()))
        try:
            with connection.waiting_for(CHECK_TIMEOUT_S):
                pool.check_connection(connection)
        except OperationalError:
            pool.putconn(connection)
            _drain(pool)
        else:
            return connection


def _drain(pool: ConnectionPool[Any]) -> None:
    """End all connections of before: what ended one has most likely ended the others."""
    now = time.monotonic()
    # Many find it out at once; those that were opened since are sound.
    if now - DatabaseWrapper._drained_at > DRAIN_AGAIN_S:
        DatabaseWrapper._drained_at = now
        pool.drain()
