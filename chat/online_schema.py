"""Changes of the schema that stop nobody: for migrations that run beside a busy site.

What such a migration may do is held by ``tests/upgrading/test_rules.py``; why stands in
``docs/operations.md``, "Upgrading without stopping".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations.operations import AddIndex


@contextmanager
def _waiting_for_locks(connection: Any) -> Iterator[None]:
    """Waiting for the transactions of others is what it does; a lock is nobody's there.

    What the connection migrates after it must give way again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()
        cursor.execute("SET lock_timeout = 0")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", before)


class AddIndexOnline(AddIndexConcurrently):
    """An index that is made while others write, where the database can: on PostgreSQL.

    Its migration has ``atomic = False``. Tried again after it was broken off, it begins
    anew: what PostgreSQL left unfinished is dropped first.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        name = schema_editor.quote_name(self.index.name)
        with _waiting_for_locks(schema_editor.connection):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)
            return
        super().database_backwards(app_label, schema_editor, from_state, to_state)
