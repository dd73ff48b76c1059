"""Who brings the tables up to date: a server that starts, or the operator where they say so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.setup.conftest import START_TIMEOUT_S, Site

Start = Callable[..., Site]


def test_without_tables_it_refuses_with_what_to_do(start: Start) -> None:
    site = start(MIGRATE_AT_START="0")
    assert _wait(site) == 2
    assert "manage.py serve --prepare-only" in site.said
    assert "Traceback" not in site.said


def test_one_missing_migration_is_named(start: Start, tmp_path: Path) -> None:
    assert _wait(start("serve", "--prepare-only")) == 0
    with sqlite3.connect(tmp_path / "data" / "chat.sqlite3") as store:
        [last] = store.execute(
            "SELECT name FROM django_migrations WHERE app = 'chat' ORDER BY id DESC LIMIT 1"
        ).fetchone()
        store.execute("DELETE FROM django_migrations WHERE name = ?", [last])
    site = start(MIGRATE_AT_START="0")
    assert _wait(site) == 2
    assert f"chat.{last}" in site.said


def test_what_the_operator_prepared_is_served_and_may_be_ahead(
    start: Start, tmp_path: Path
) -> None:
    assert _wait(start("serve", "--prepare-only", MIGRATE_AT_START="0")) == 0
    with sqlite3.connect(tmp_path / "data" / "chat.sqlite3") as store:
        store.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('chat', '9999_new', '')"
        )
    for variables in ({"MIGRATE_AT_START": "0"}, {}):
        site = start(**variables)
        site.wait_until_it_serves()
        assert site.get("/healthz")[0] == 200
        assert site.stop() == 0


def _wait(site: Site) -> int:
    """Wait for its own end: it may have a database to make first."""
    return site._process.wait(START_TIMEOUT_S)
