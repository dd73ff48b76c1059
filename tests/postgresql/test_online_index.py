"""An index made beside a busy site waits for others; what is migrated after it gives way again."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.state import ProjectState

from chat.online_schema import AddIndexOnline

pytestmark = [pytest.mark.only_on("postgresql"), pytest.mark.django_db(transaction=True)]


def lock_timeout(wanted: str = "") -> str:
    with connection.cursor() as cursor:
        if wanted:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [wanted])
        cursor.execute("SHOW lock_timeout")
        return str(cursor.fetchone()[0])


def test_who_comes_after_it_waits_for_a_lock_no_longer_than_before() -> None:
    made = AddIndexOnline("room", models.Index(fields=["topic"], name="rooms_by_topic"))
    before = ProjectState.from_apps(apps)
    after = before.clone()
    made.state_forwards("chat", after)
    usual = lock_timeout()
    lock_timeout("500ms")
    try:
        with connection.schema_editor(atomic=False) as editor:
            made.database_forwards("chat", editor, before, after)
        assert lock_timeout() == "500ms"
    finally:
        lock_timeout(usual)
        with connection.schema_editor(atomic=False) as editor:
            made.database_backwards("chat", editor, after, before)
