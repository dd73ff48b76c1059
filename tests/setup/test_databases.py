"""The database is set so that what was acknowledged is durable, and nobody waits for ever."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from django.db import connection

from chatsite import databases, environment


def database(tmp_path: Path, url: str = "") -> dict[str, object]:
    return environment.read(tmp_path, {"DATABASE_URL": url}).database


def test_sqlite_lives_in_the_data_folder(tmp_path: Path) -> None:
    assert database(tmp_path)["NAME"] == tmp_path / "data" / "chat.sqlite3"
    assert database(tmp_path, "sqlite:///tea.db")["NAME"] == tmp_path / "data" / "tea.db"
    assert database(tmp_path, "sqlite:////srv/tea.db")["NAME"] == Path("/srv/tea.db")


DURABLE = {
    # 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
    "sqlite": {"PRAGMA synchronous": 2, "PRAGMA foreign_keys": 1, "PRAGMA busy_timeout": 5000},
    "postgresql": {
        "SHOW synchronous_commit": "on",
        "SHOW statement_timeout": "5s",
        "SHOW lock_timeout": "2s",
    },
}


@pytest.mark.django_db
def test_the_database_commits_durably_and_waits_for_a_bounded_time() -> None:
    for question, expected in DURABLE[connection.vendor].items():
        with connection.cursor() as cursor:
            cursor.execute(question)
            assert cursor.fetchone() == (expected,), question


def test_sqlite_transactions_are_immediate(tmp_path: Path) -> None:
    assert databases.sqlite(tmp_path)["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_sqlite_keeps_a_log_ahead(tmp_path: Path) -> None:
    settings = databases.sqlite(tmp_path / "chat.sqlite3")
    opened = sqlite3.connect(settings["NAME"])
    opened.executescript(settings["OPTIONS"]["init_command"])
    assert opened.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    opened.close()


def test_postgresql_is_bounded_in_time_and_in_connections(tmp_path: Path) -> None:
    settings = database(tmp_path, "postgresql://ada:p%40ss@db:5433/chat?sslmode=require")
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db", "5433", "chat")
    assert (settings["USER"], settings["PASSWORD"]) == ("ada", "p@ss")
    assert settings["CONN_MAX_AGE"] == 0
    options = settings["OPTIONS"]
    assert isinstance(options, dict)
    assert options["sslmode"] == "require"
    assert options["pool"]["timeout"] == databases.POOL_TIMEOUT_S
    for bound in ("statement_timeout=5s", "lock_timeout=2s", "synchronous_commit=on"):
        assert f"-c {bound}" in options["options"]
