"""Every test of this folder that asks a database, once more on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

SERVER = "postgresql://postgres@127.0.0.1:5432"
FOLDER = Path(__file__).parent
TESTS = [FOLDER / f"test_{name}.py" for name in ("matching", "following", "rebuilding", "million")]


@pytest.fixture
def database_url() -> Iterator[str]:
    """The address of a database of the test's own."""
    name = f"chat_search_{os.getpid()}"
    try:
        server = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"PostgreSQL does not answer on 127.0.0.1:5432: {error}")
    with server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{SERVER}/{name}"
        finally:
            server.execute(f"DROP DATABASE IF EXISTS test_{name} WITH (FORCE)")
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_same_is_found_on_postgresql(database_url: str, tmp_path: Path) -> None:
    if connection.vendor == "postgresql":
        return
    environment = {**os.environ, "DATABASE_URL": database_url, "DATA_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, TESTS)],
        env=environment,
        cwd=FOLDER.parents[1],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
