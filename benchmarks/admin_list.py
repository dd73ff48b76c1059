"""``python -m benchmarks.admin_list``: the admin's list of messages, at a million of them.

On SQLite, and on PostgreSQL where one answers on 127.0.0.1:5432 (``postgres``, without a
password, as on a developer's machine); in a folder and a database of its own, gone afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import table
from benchmarks.figures import Figure, Target

PROJECT = Path(__file__).resolve().parent.parent
SERVER = "postgresql://postgres@127.0.0.1:5432"
ROWS = 1_000_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.admin_list", description=__doc__)
    parser.add_argument("databases", nargs="*", metavar="sqlite, postgresql")
    parser.add_argument("--rows", type=int, default=ROWS, help="fewer, to try it: not to be quoted")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table to FILE")
    asked = parser.parse_args()
    figures: list[Figure] = []
    for name in asked.databases or ["sqlite", "postgresql"]:
        database = nullcontext("") if name == "sqlite" else _postgresql()
        try:
            with database as url:
                figures += _measured(url, asked.rows)
        except psycopg.OperationalError as error:
            _say(f"PostgreSQL is left out, since none answers on 127.0.0.1:5432: {error}")
    print("\n".join(table.lines(figures)))
    if asked.markdown:
        asked.markdown.write_text("\n".join([*table.markdown(figures), ""]))
    missed = sum(figure.met is False for figure in figures)
    print(f"\n{missed} targets missed." if missed else "\nAll targets met.")
    return 0


@contextmanager
def _postgresql() -> Iterator[str]:
    """A database of our own; yields its address."""
    name = f"chat_admin_list_{os.getpid()}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=3) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{SERVER}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _measured(database_url: str, rows: int) -> list[Figure]:
    _say(f"{rows:,} messages on {database_url or 'SQLite'}: filling takes a minute or two")
    with tempfile.TemporaryDirectory(prefix="chat-bench-") as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "chatsite.settings",
            "DATA_DIR": folder,
            "DATABASE_URL": database_url,
            "REDIS_URL": "",
            "LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.admin_requests", str(rows)]
        run = subprocess.run(
            command, cwd=PROJECT, env=environment, check=True, stdout=subprocess.PIPE
        )
    return [_figure(row) for row in json.loads(run.stdout)]


def _figure(row: dict[str, Any]) -> Figure:
    target = Target(**row["target"]) if row["target"] else None
    return Figure(**{**row, "values": tuple(row["values"]), "target": target})


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
