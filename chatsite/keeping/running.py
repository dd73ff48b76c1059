"""Who uses the store now: a restore waits for nobody, and takes nothing from under anybody."""

from __future__ import annotations

import os
import pwd
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection

from chatsite import lock
from chatsite.keeping import postgresql
from chatsite.keeping.refusal import KeepingError
from chatsite.variables import SettingsError

_STOP = "Stop every server of this site first; it can start again afterwards."


@contextmanager
def nobody_else() -> Iterator[None]:
    """Keep servers of this data folder from starting; refuse where something uses the store.

    Raises ``KeepingError``.
    """
    data_dir = Path(settings.DATA_DIR)
    if (owner := data_dir.stat().st_uid) != os.geteuid():
        name = pwd.getpwuid(owner).pw_name
        raise KeepingError(
            f"{data_dir} belongs to {name}, who could not read what somebody else restores. "
            f"Run it as {name}: runuser -u {name} -- …"
        )
    alone = lock.only_process(data_dir, said="a restore") if settings.IN_PROCESS else nullcontext()
    try:
        with alone, lock.turn(data_dir):
            check_unused()
            yield
    except SettingsError as error:
        raise KeepingError(f"A server runs on {data_dir}. {_STOP}") from error


def check_unused() -> None:
    """Refuse where anybody is connected to the database. Raises ``KeepingError``."""
    connection.close()
    if connection.vendor == "sqlite":
        _check_sqlite(Path(connection.settings_dict["NAME"]))
        return
    connection.close_pool()  # type: ignore[attr-defined]
    with postgresql.connect() as own:
        others = own.execute(
            "SELECT coalesce(nullif(application_name, ''), 'unnamed'), count(*)"
            " FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' GROUP BY 1 ORDER BY 1"
        ).fetchall()
    if others:
        who = ", ".join(f"{name} ({count})" for name, count in others)
        raise KeepingError(f"The database is in use, by: {who}. {_STOP}")


def _check_sqlite(path: Path) -> None:
    """Leaves the file without a log beside it, so that another can take its place."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=1)) as own:
            # SQLite gives up its log only to who is alone with the file.
            [(mode,)] = own.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise KeepingError(f"{path} is in use. {_STOP}") from error
    except sqlite3.DatabaseError:
        return  # Whatever it is, it is no database that somebody could be using.
    if mode != "delete":
        raise KeepingError(f"{path} is in use. {_STOP}")


IN_USE = psycopg.errors.ObjectInUse
