"""A migration leaves the code before it running: it adds, with defaults in the database.

A judge of our own, since it has to know our operations and which tables are large; linters
that read the SQL know neither.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import base

from chat.online_schema import AddIndexOnline

FIRST_JUDGED = 6
SMALL = {"room", "site", "store", "wordrule", "addressban", "invitation"}
"""Tables that are read through in a moment, however large the site is."""
CONTRACTING = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
    migrations.RemoveConstraint,
)


def judge(migration: migrations.Migration, before: Any = None) -> list[str]:
    """Return a sentence for each thing in a migration that would stop a running site.

    ``before`` is the state of the models before it. What is taken away has to say, in
    ``contracts``, which earlier migration came with the code that does without it.
    """
    found: list[str] = []
    if not migration.atomic and len(migration.operations) > 1:
        found.append("Without a transaction one operation is enough: broken off, it begins anew.")
    for operation in migration.operations:
        found += _judge(migration, operation, before)
        if before is not None:
            operation.state_forwards("chat", before)
    return found


def _judge(migration: Any, operation: base.Operation, before: Any) -> list[str]:
    table = getattr(operation, "model_name", "").lower()
    if isinstance(operation, migrations.AddField):
        return _judge_field(table, operation.field)
    if isinstance(operation, CONTRACTING) and not getattr(migration, "contracts", ""):
        return [f"{operation.describe()}: the version before still uses it."]
    if isinstance(operation, migrations.AlterField) and _changes_column(operation, before):
        return [f"{operation.describe()}: another column, beside the old one, changes no table."]
    if isinstance(operation, AddIndexOnline):
        return [] if not migration.atomic else ["AddIndexOnline wants atomic = False."]
    if isinstance(operation, migrations.AddIndex) and table not in SMALL:
        return [f"{operation.describe()}: AddIndexOnline holds nobody up."]
    if isinstance(operation, AddConstraintNotValid | ValidateConstraint):
        return []
    if isinstance(operation, migrations.AddConstraint) and table not in SMALL:
        return [f"{operation.describe()}: AddConstraintNotValid first, then ValidateConstraint."]
    if isinstance(operation, migrations.RunPython | migrations.RunSQL) and migration.atomic:
        return [f"{operation.describe()}: in small transactions, with atomic = False."]
    return []


def _judge_field(table: str, field: Any) -> list[str]:
    found = []
    if not field.null and field.db_default is models.NOT_PROVIDED and not field.many_to_many:
        found.append(f"{table}.{field}: the version before does not fill it; give it db_default.")
    if table not in SMALL and (field.db_index or field.unique):
        found.append(f"{table}.{field}: its index is made by AddIndexOnline.")
    return found


def _changes_column(operation: migrations.AlterField, before: Any) -> bool:
    if before is None:
        return True
    old = before.models["chat", operation.model_name_lower].fields[operation.name]
    new = operation.field

    def stored(field: Any) -> dict[str, Any]:
        _, path, _, options = field.deconstruct()
        kept = {k: v for k, v in options.items() if k not in (*field.non_db_attrs, "null")}
        return {**kept, "path": path}

    return stored(old) != stored(new) or (old.null and not new.null)


def test_no_migration_of_ours_stops_the_version_before_it() -> None:
    loader = MigrationLoader(None)
    found = {}
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        number = re.match(r"\d+", name)
        if app != "chat" or number is None or int(number[0]) < FIRST_JUDGED:
            continue
        before = loader.project_state([key for key in migration.dependencies if key[0] == "chat"])
        found[name] = judge(migration, before)
    assert "0006_retention" in found
    assert {name: sentences for name, sentences in found.items() if sentences} == {}


def of(*operations: base.Operation, **said: Any) -> migrations.Migration:
    """A migration that nobody has written yet."""
    body = {"operations": list(operations), **said}
    return type("Migration", (migrations.Migration,), body)("0999", "chat")


PLACE = models.Index(fields=["seq"], name="place")
TEXT = models.CharField(max_length=9)
STOPS = {
    "a column that must be filled": of(migrations.AddField("message", "mood", TEXT)),
    "a default of Python alone": of(
        migrations.AddField("message", "mood", models.CharField(max_length=9, default=""))
    ),
    "a column that goes": of(migrations.RemoveField("room", "topic")),
    "a column with another name": of(migrations.RenameField("room", "topic", "subject")),
    "a table that goes": of(migrations.DeleteModel("Evidence")),
    "another type of column": of(migrations.AlterField("room", "topic", models.TextField())),
    "an index on a large table": of(migrations.AddIndex("message", PLACE)),
    "an index with its column": of(
        migrations.AddField("message", "at", models.DateField(null=True, db_index=True))
    ),
    "an index made beside, in a transaction": of(AddIndexOnline("message", PLACE)),
    "a constraint on a large table": of(
        migrations.AddConstraint(
            "message", models.CheckConstraint(condition=models.Q(seq__gt=0), name="placed")
        )
    ),
    "half of a migration": of(
        AddIndexOnline("message", PLACE),
        migrations.AddField("message", "mood", models.CharField(max_length=9, null=True)),
        atomic=False,
    ),
    "a long transaction": of(migrations.RunPython(lambda *_: None)),
}
GOES_ON = {
    "a column that may be empty": of(
        migrations.AddField("message", "mood", models.CharField(max_length=9, null=True))
    ),
    "a default of the database": of(
        migrations.AddField("message", "mood", models.CharField(max_length=9, db_default=""))
    ),
    "a new table": of(migrations.CreateModel("Mood", [("id", models.BigAutoField())])),
    "an index made beside": of(AddIndexOnline("message", PLACE), atomic=False),
    "what an earlier version did without": of(
        migrations.RemoveField("room", "topic"), contracts="0998_without_topic"
    ),
}


@pytest.mark.parametrize("name", STOPS)
def test_what_would_stop_a_running_site_is_refused(name: str) -> None:
    assert len(judge(STOPS[name])) == 1


@pytest.mark.parametrize("name", GOES_ON)
def test_what_stops_nobody_is_let_through(name: str) -> None:
    assert judge(GOES_ON[name]) == []
