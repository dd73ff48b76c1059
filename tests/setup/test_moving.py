"""``move_store``: a whole store goes to PostgreSQL and back, and nothing of it is another."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.postgresql_server import PostgresServer
from tests.setup.conftest import BASE_DIR, clean_environment

# What is made anew at each place: the index, its book-keeping, and the order of migrations.
ZEROS = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})000$")
NOT_COMPARED = ("chat_search", "sqlite_", "django_migrations")


class Place:
    """A data folder, and the store that ``DATABASE_URL`` names."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.url = url

    def manage(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=BASE_DIR,
            env={**clean_environment(), "DATA_DIR": str(self.folder), "DATABASE_URL": self.url},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


def rows_of(path: Path) -> dict[str, list[Any]]:
    """Every row of every table of an SQLite file but the index's; the epoch taken out."""
    with closing(sqlite3.connect(path)) as store:
        names = [
            name
            for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(NOT_COMPARED)
        ]
        found = {}
        for name in names:
            columns = [row[1] for row in store.execute(f"PRAGMA table_info({name})")]
            kept = ", ".join(f'"{column}"' for column in columns if column != "epoch")
            rows = store.execute(f"SELECT {kept} FROM {name} ORDER BY 1, 2").fetchall()
            found[name] = [tuple(_plain(value) for value in row) for row in rows]
        return found


def _plain(value: Any) -> Any:
    """SQLite keeps times as text, and what is written by hand has no zeros at their end."""
    return ZEROS.sub(r"\1", value) if isinstance(value, str) else value


def epoch_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as store:
        [(epoch,)] = store.execute("SELECT epoch FROM chat_store")
        return str(epoch)


def test_there_and_back_nothing_is_lost(tmp_path: Path, postgres: PostgresServer) -> None:
    folder = tmp_path / "data"
    here = Place(folder)
    here.manage("serve", "--prepare-only")
    here.manage("seed")
    first = folder / "chat.sqlite3"
    before, epoch = rows_of(first), epoch_of(first)
    assert len(before["chat_message"]) > 50
    url = postgres.create("moved")
    said = here.manage("move_store", "--to", url)
    assert "Sound:" in said
    there = Place(folder, url)
    assert "Sound:" in there.manage("verify_rooms")
    # A second time it would be written over.
    assert "There are people in that database" in here.manage("move_store", "--to", url, code=1)
    assert "has already" in there.manage("move_store", "--to", url, code=1)
    # New rows get new keys: sequences stand behind what was moved.
    there.manage("shell", "-c", "from chat.models import User; User.objects.create_user('late')")
    there.manage("move_store", "--to", "sqlite:///back.sqlite3")
    back = folder / "back.sqlite3"
    after = rows_of(back)
    late = after["chat_user"].pop()
    assert late not in before["chat_user"]
    assert after == before
    assert epoch_of(back) != epoch
    assert rows_of(first) == before


def test_a_server_that_runs_keeps_its_store(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    here = Place(folder)
    here.manage("serve", "--prepare-only")
    with closing(sqlite3.connect(folder / "chat.sqlite3")) as other:
        other.execute("BEGIN IMMEDIATE")
        said = here.manage("move_store", "--to", "sqlite:///new.sqlite3", code=1)
    assert "in use" in said


def test_nonsense_is_refused(tmp_path: Path) -> None:
    here = Place(tmp_path / "data")
    here.manage("serve", "--prepare-only")
    assert "mysql" in here.manage("move_store", "--to", "mysql://a/b", code=1)
