"""The database's tables, brought up to date at start, and only when they are not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

_TURN = 0x63686174
"""The PostgreSQL advisory lock under which servers that start together take turns."""


LOCK_TIMEOUT_MS = 500
LOCK_AGAIN_S = 1.0
LOCK_TRIES = 600
LOCK_NOT_AVAILABLE = "55P03"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def reach() -> None:
    """Open one connection. Raises ``DatabaseError`` that says why it cannot be had.

    The pool would try again for seconds, and then say only that it waited in vain.
    """
    if connection.vendor != "postgresql":
        connection.ensure_connection()
        return
    import psycopg

    with connection.wrap_database_errors:
        psycopg.connect(**connection.get_connection_params()).close()


def missing() -> list[str]:
    """The migrations that this code has and the database has not, as ``app.name``.

    What the database has beyond that is no matter: a newer process made it, and this one
    goes on beside it.
    """
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def prepare() -> bool:
    """Apply the migrations that are missing. Returns whether there were any."""
    if is_current():
        return False
    with _one_at_a_time():
        _migrate()
    return True


def _migrate() -> None:
    """Apply what is missing without ever making others wait long for a lock.

    Who waits for a table's lock has everybody else wait behind them: a backup that reads it
    would hold every post up. So a migration gives way soon, and tries again.
    """
    for _ in range(LOCK_TRIES - 1):
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                raise
            time.sleep(LOCK_AGAIN_S)
        else:
            return
    call_command("migrate", interactive=False, verbosity=0)


def is_current() -> bool:
    return not missing()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if connection.vendor != "postgresql":
        # Whoever shares an SQLite file shares its folder, and takes turns by chatsite/lock.py.
        yield
        return
    try:
        with connection.cursor() as cursor:
            # A migration may well take longer than a chat's statement ought to.
            cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [_TURN])
            cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_MS}ms'")
        yield
    finally:
        # The connection goes, and with it the lock and its unlimited timeouts.
        connection.close()
        cast("Any", connection).close_pool()
