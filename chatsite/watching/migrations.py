"""How the database's migrations stand against those of this code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.db import close_old_connections, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Names = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Migrations:
    """Numbers of migrations."""

    missing: int = 0
    """That this code has and the database has not: it cannot be served from."""
    ahead: int = 0
    """That the database has and this code does not know: a newer process made them."""


def look() -> Migrations:
    """Ask the database, in the thread that calls. Raises ``DatabaseError``."""
    close_old_connections()
    try:
        applied = frozenset(MigrationRecorder(connection).applied_migrations())
    finally:
        # A pooled connection goes back: the next look may be long in coming.
        close_old_connections()
    ours = of_this_code()
    missing = [names for names in ours if not names & applied]
    known = frozenset().union(*ours)
    # Of other apps there may be old ones that their code has forgotten.
    apps = {app for app, _ in known}
    ahead = [name for name in applied - known if name[0] in apps]
    return Migrations(missing=len(missing), ahead=len(ahead))


@cache
def of_this_code() -> tuple[Names, ...]:
    """Return a set of names for each migration: its own, and those that it replaces.

    Reading them all takes a moment; it asks nothing of the database.
    """
    loader = MigrationLoader(None)
    return tuple(
        frozenset({name, *loader.disk_migrations[name].replaces}) for name in loader.graph.nodes
    )
