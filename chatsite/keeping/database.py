"""What a database says of itself, and a copy of it that is of one moment: by engine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from chatsite.keeping import postgresql
from chatsite.keeping.manifest import Store
from chatsite.keeping.refusal import KeepingError

_COUNTED = {"people": "chat_user", "rooms": "chat_room", "messages": "chat_message"}
Ask = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Copy:
    """A file with all of the database, and what was in it."""

    path: Path
    store: Store

    @property
    def name(self) -> str:
        """As what it goes into the archive."""
        return member_of(self.store.engine)


def member_of(engine: str) -> str:
    return "database.sqlite3" if engine == "sqlite" else "database.dump"


@contextmanager
def copied(folder: Path) -> Iterator[Copy]:
    """Copy the database into ``folder``, while others write; the copy goes at the end.

    Raises ``KeepingError``.
    """
    path = folder / member_of(connection.vendor)
    try:
        if connection.vendor == "sqlite":
            yield Copy(path, _copy_sqlite(Path(connection.settings_dict["NAME"]), path))
        else:
            yield Copy(path, _dump_postgresql(path))
    finally:
        path.unlink(missing_ok=True)


def _copy_sqlite(source: Path, path: Path) -> Store:
    if not source.exists():
        raise KeepingError(f"There is no database yet at {source}.")
    live, own = sqlite3.connect(source, timeout=30), sqlite3.connect(path)
    with closing(live), closing(own):
        path.chmod(0o600)
        # In one step: that is one reading transaction, which holds no writer up. In several
        # steps it would begin anew whenever another process writes.
        live.backup(own, pages=-1)
        # One file, without a log beside it.
        own.execute("PRAGMA journal_mode=DELETE")
        [(verdict,)] = own.execute("PRAGMA quick_check(1)")
        if verdict != "ok":
            raise KeepingError(f"The database is damaged ({verdict}); no backup was made.")
        return described("sqlite", sqlite3.sqlite_version, lambda sql: own.execute(sql).fetchall())


def _dump_postgresql(path: Path) -> Store:
    with postgresql.connect() as live, live.transaction():
        # What is asked here and what pg_dump reads are of the same moment.
        live.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        ask: Ask = lambda sql: live.execute(sql).fetchall()  # noqa: E731
        [(snapshot,)] = ask("SELECT pg_export_snapshot()")
        version = live.info.server_version
        store = described("postgresql", f"{version // 10000}", ask)
        postgresql.run(
            "pg_dump",
            version // 10000,
            f"--snapshot={snapshot}",
            "--format=custom",
            # The archive is compressed as a whole.
            "--compress=0",
            "--no-owner",
            "--no-privileges",
            "--no-sync",
            f"--file={path}",
        )
    path.chmod(0o600)
    return store


def described(engine: str, version: str, ask: Ask) -> Store:
    """Return what the database says, asked by ``ask``. Raises ``KeepingError`` for none of ours."""
    try:
        [(epoch,)] = ask("SELECT epoch FROM chat_store WHERE id = 1")
        rows = ask("SELECT app, name FROM django_migrations ORDER BY app, name")
        counts = {
            what: int(ask(f"SELECT COUNT(*) FROM {table}")[0][0])  # noqa: S608
            for what, table in _COUNTED.items()
        }
    except (sqlite3.DatabaseError, psycopg.errors.UndefinedTable, ValueError) as error:
        raise KeepingError("The database has no store of a chat in it.") from error
    return Store(engine, version, epoch, [f"{app}.{name}" for app, name in rows], counts)
