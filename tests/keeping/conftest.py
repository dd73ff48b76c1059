"""A site of its own on each kind of database, for backup and restore."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.live.house import BASE_DIR
from tests.live.stage import Stage
from tests.postgresql_server import MISSING, PostgresServer, binaries

UNHURRIED = {
    "POSTS_BURST": "1000000",
    "POSTS_PER_MINUTE": "1000000",
    "COMMANDS_PER_MINUTE": "1000000",
}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL for the module."""
    if binaries() is None:
        pytest.skip(MISSING)
    postgres = PostgresServer()
    try:
        postgres.start()
        yield postgres
    finally:
        postgres.remove()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Which kind of database."""
    return str(request.param)


@pytest.fixture(scope="module")
def build(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Stage]]:
    """Make sites of that kind, each with a database of its own."""
    made: list[tuple[Stage, str]] = []
    # Asked for here, so that it ends after what is built on it.
    postgres: PostgresServer | None = None
    if engine == "postgresql":
        postgres = request.getfixturevalue("server")

    def build_one(name: str) -> Stage:
        variables = dict(UNHURRIED)
        if postgres is not None:
            variables["DATABASE_URL"] = postgres.create(f"keeping_{name}")
        stage = Stage(tmp_path_factory.mktemp(name), **variables)
        made.append((stage, name))
        return stage

    yield build_one
    for stage, name in made:
        stage.end()
        if postgres is not None:
            postgres.drop(f"keeping_{name}")


@pytest.fixture(scope="module")
def kept(build: Callable[[str], Stage]) -> Stage:
    """A site that rests, with a backup at ``b.tar.gz`` and two posts since."""
    stage = build("kept")
    done(stage, "migrate", "-v0")
    ada = stage.person("ada")
    room = stage.room(ada)
    stage.posts(room, ada, "One.", "Two.")
    done(stage, "backup", stage.folder / "b.tar.gz")
    stage.posts(room, ada, "Three.", "Four.")
    stage.close_backstage()
    return stage


def rows(stage: Stage, sql: str) -> list[tuple[Any, ...]]:
    """Ask the database of a site that rests, or change it, without a process of the site."""
    if url := stage.environment["DATABASE_URL"]:
        with psycopg.connect(url, autocommit=True) as own:
            cursor = own.execute(sql)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(stage.folder / "data" / "chat.sqlite3")) as file, file:
        return file.execute(sql).fetchall()


def bodies(stage: Stage) -> list[str]:
    """What was said, in order."""
    return [body for (body,) in rows(stage, "SELECT body FROM chat_message ORDER BY seq")]


def manage(stage: Stage, *words: object, **how: object) -> subprocess.CompletedProcess[str]:
    """Run a command of ``manage.py`` for the site."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, words)],
        cwd=BASE_DIR,
        env=stage.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **how,  # type: ignore[call-overload]
    )


def done(stage: Stage, *words: object) -> str:
    """Run a command that must succeed, and return what it said."""
    run = manage(stage, *words)
    assert run.returncode == 0, run.stderr
    return run.stdout


def leftovers(folder: Path) -> list[str]:
    """What backups and restores have left behind in a folder."""
    return [
        path.name for path in folder.iterdir() if path.name.startswith((".", "backup-", "restore-"))
    ]
