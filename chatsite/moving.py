"""Moving a store to another database: every row, in one transaction, as another epoch.

SQLite and PostgreSQL hold the same tables, so what moves is rows: read in the order of their
keys, a bounded number at a time, and written under the same keys. What is made from them (the
index of the search) is made anew by the caller.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from chat.models import Store, User
from chatsite import databases
from chatsite.variables import SettingsError, Variables

TARGET = "target"
ROWS_AT_ONCE = 2_000
EPOCH_BYTES = 8
Tell = Callable[[str], None]
Row = tuple[Any, ...]


class MoveError(Exception):
    """Nothing was moved. Its text is a sentence for the operator."""


def open_target(url: str, data_dir: Path) -> None:
    """Make the database at ``url`` known under ``TARGET``. Raises ``MoveError``."""
    variables = Variables({"DATABASE_URL": url})
    try:
        settings = databases.from_variables(variables, data_dir, 1)
    except SettingsError as error:
        raise MoveError(str(error)) from error
    if variables.refusals:
        raise MoveError("\n".join(variables.refusals).replace("DATABASE_URL", "--to"))
    options = settings["OPTIONS"]
    if "pool" in options:
        # One long transaction: neither in turns, nor with the patience of a chat.
        del options["pool"]
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        options["options"] += "".join(f" -c {name}=0" for name in names)
    configured = connections.configure_settings({DEFAULT_DB_ALIAS: settings})
    connections.settings[TARGET] = configured[DEFAULT_DB_ALIAS]


def check_target() -> None:
    """Refuse a database that somebody lives in, or the one that the site has. ``MoveError``."""
    here, there = connections[DEFAULT_DB_ALIAS], connections[TARGET]
    names = ("ENGINE", "NAME", "HOST", "PORT")
    if all(here.settings_dict[name] == there.settings_dict[name] for name in names):
        raise MoveError("That is the database that the site has already.")
    is_prepared = User._meta.db_table in there.introspection.table_names()
    if is_prepared and User.objects.using(TARGET).exists():
        raise MoveError("There are people in that database. Give an empty one.")


def move(tell: Tell) -> int:
    """Copy every row into ``TARGET``; return how many. All of them, or none."""
    kinds = _kinds()
    connection = connections[TARGET]
    total = 0
    with transaction.atomic(using=TARGET):
        # What migrations made there (groups, permissions, the rows of site and store) gives way.
        for kind in kinds:
            _execute(f"DELETE FROM {_quoted(kind._meta.db_table)}")  # noqa: S608 - our own names
        for kind in kinds:
            count = _copy(kind)
            total += count
            if count:
                tell(f"{kind._meta.db_table}: {count:,}")
        for statement in connection.ops.sequence_reset_sql(no_style(), kinds):
            _execute(statement)
        # Cursors of open pages are of the other store: they start anew from a snapshot.
        Store.objects.using(TARGET).update(epoch=secrets.token_hex(EPOCH_BYTES))
    return total


def _kinds() -> list[type[models.Model]]:
    found = apps.get_models(include_auto_created=True)
    return [kind for kind in found if kind._meta.managed and not kind._meta.proxy]


def _copy(kind: type[models.Model]) -> int:
    """Copy one table. Raises ``MoveError`` unless as many rows came as there are."""
    fields = [field for field in kind._meta.local_concrete_fields if not field.generated]
    connection = connections[TARGET]
    columns = ", ".join(_quoted(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = _quoted(kind._meta.db_table)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608
    count = 0
    with connection.cursor() as cursor:
        for rows in _in_turns(kind, fields):
            made = [
                tuple(
                    field.get_db_prep_save(value, connection)
                    for field, value in zip(fields, row, strict=True)
                )
                for row in rows
            ]
            cursor.executemany(statement, made)
            count += len(made)
    if kind._base_manager.using(TARGET).count() != kind._base_manager.count():
        raise MoveError(f"Not every row of {kind._meta.db_table} arrived.")
    return count


def _in_turns(
    kind: type[models.Model], fields: Sequence[models.Field[Any, Any]]
) -> Iterator[list[Row]]:
    """All rows by ascending key, ``ROWS_AT_ONCE`` at most in memory."""
    names = [field.attname for field in fields]
    key = next(place for place, field in enumerate(fields) if field.primary_key)
    rows = kind._base_manager.order_by("pk").values_list(*names)
    chunk = list(rows[:ROWS_AT_ONCE])
    while chunk:
        yield chunk
        chunk = list(rows.filter(pk__gt=chunk[-1][key])[:ROWS_AT_ONCE])


def _execute(statement: str) -> None:
    with connections[TARGET].cursor() as cursor:
        cursor.execute(statement)


def _quoted(name: str) -> str:
    return connections[TARGET].ops.quote_name(name)
