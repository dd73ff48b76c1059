"""PostgreSQL by its own tools: where they are, how old they are, and how they are run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from chatsite.keeping.refusal import KeepingError

INSTALLED = Path("/usr/lib/postgresql")
"""Where Debian has the programs of each version."""
_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def conninfo(database: str | None = None, *, with_password: bool = True) -> str:
    """How the site's database is reached, or another one on its server."""
    said = connection.settings_dict
    parts: dict[str, Any] = {
        "dbname": database or said["NAME"],
        "user": said["USER"],
        "host": said["HOST"],
        "port": said["PORT"],
        "application_name": "chat keeping",
        **{name: said["OPTIONS"].get(name) for name in _OPTIONS},
    }
    if with_password:
        parts["password"] = said["PASSWORD"]
    return make_conninfo(**{name: value for name, value in parts.items() if value})


def connect(database: str | None = None) -> psycopg.Connection[Any]:
    """Open a connection that waits as long as it takes. Raises ``KeepingError``."""
    try:
        return psycopg.connect(
            conninfo(database),
            autocommit=True,
            connect_timeout=10,
            options="-c statement_timeout=0 -c idle_in_transaction_session_timeout=0",
        )
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise KeepingError(f"PostgreSQL cannot be reached: {reason}") from error


def run(program: str, server: int, *words: str, database: str | None = None) -> None:
    """Run ``pg_dump`` or ``pg_restore`` on the site's database, or on another of its server.

    ``server`` is the server's major version. Raises ``KeepingError``.
    """
    path = find(program, server)
    # The password in the environment, where other people of the machine cannot read it.
    environment = {**os.environ, "PGOPTIONS": "-c statement_timeout=0 -c lock_timeout=10s"}
    if connection.settings_dict["PASSWORD"]:
        environment["PGPASSWORD"] = connection.settings_dict["PASSWORD"]
    done = subprocess.run(  # noqa: S603
        [path, f"--dbname={conninfo(database, with_password=False)}", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reason = " ".join(done.stderr.split())[-500:] or f"exit code {done.returncode}"
        raise KeepingError(f"{program} failed: {reason}")


def find(program: str, server: int) -> str:
    """Return the newest ``program``. Raises ``KeepingError`` for none, or one that is too old.

    A pg_dump reads servers of its own version and of earlier ones only.
    """
    paths = [str(path) for path in INSTALLED.glob(f"*/bin/{program}")]
    if (elsewhere := shutil.which(program)) is not None:
        paths.append(elsewhere)
    versions = {path: _version(path) for path in paths}
    best = max(versions, key=lambda path: versions[path], default=None)
    if best is None:
        raise KeepingError(
            f"{program} is missing. On Debian: apt-get install postgresql-client-{server} "
            "(or postgresql-client, where that is as new)."
        )
    if versions[best] < server:
        raise KeepingError(
            f"{program} is of version {versions[best]}, and the server of version {server}. "
            f"Install postgresql-client-{server}, or run this where the server is."
        )
    return best


def _version(path: str) -> int:
    said = subprocess.run(  # noqa: S603
        [path, "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = _VERSION.search(said)
    return int(found[1]) if found else 0
