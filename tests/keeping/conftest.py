"""A site of its own on each kind of database, for backup and restore."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live.house import BASE_DIR
from tests.live.stage import Stage
from tests.postgresql_server import MISSING, PostgresServer, binaries

Manage = Callable[..., subprocess.CompletedProcess[str]]
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


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Which kind of database."""
    return str(request.param)


@pytest.fixture
def variables(engine: str, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """What a site of that kind has in its environment, with a database of its own."""
    if engine == "sqlite":
        yield UNHURRIED
        return
    postgres: PostgresServer = request.getfixturevalue("server")
    name = f"keeping_{abs(hash(request.node.name)) % 10**9}"
    try:
        yield {**UNHURRIED, "DATABASE_URL": postgres.create(name)}
    finally:
        postgres.drop(name)


@pytest.fixture
def stage(variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site that is not started yet, without a throttle."""
    made = Stage(tmp_path_factory.mktemp("kept"), **variables)
    try:
        yield made
    finally:
        made.end()


def manage(stage: Stage, *words: object, **how: object) -> subprocess.CompletedProcess[str]:
    """Run a command of ``manage.py`` for the site."""
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, words)],
        cwd=BASE_DIR,
        env=stage.environment,
        capture_output=True,
        text=True,
        timeout=120,
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
