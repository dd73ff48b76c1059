"""Whether SQLite keeps what it was given."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from chatsite import databases
from chatsite.doctor.finding import Finding, worth_knowing, wrong

FULL = 2
"""``synchronous=FULL``, in SQLite's numbers; 3 is EXTRA."""


def commits_are_durable() -> Iterator[Finding]:
    """Ask a connection, as the site opens it, how it commits."""
    if connection.vendor != "sqlite":
        return
    if (mode := _pragma("journal_mode")) != "wal":
        yield wrong(
            _(
                "SQLite keeps no write-ahead log here (its mode is “%(mode)s”): readers "
                "and writers wait for each other."
            )
            % {"mode": mode},
            _("Put the database on a local disk; a network folder cannot have one."),
        )
    if int(_pragma("synchronous")) < FULL:
        yield wrong(
            _("SQLite may lose the last messages when the power fails (synchronous is not FULL)."),
            _("Take out whatever changes it: DATABASE_URL alone has it right."),
        )


def version_is_sound() -> Iterator[Finding]:
    """Compare the SQLite that Python was built with."""
    if connection.vendor != "sqlite" or databases.sqlite_is_sound():
        return
    yield worth_knowing(
        _(
            "This is SQLite %(version)s. Before %(sound)s it can, rarely, damage a database that "
            "several programs write to."
        )
        % {
            "version": sqlite3.sqlite_version,
            "sound": ".".join(map(str, databases.SOUND_SQLITE)),
        },
        _("Keep backups, and open the database with nothing else while the site runs."),
    )


def _pragma(name: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]
