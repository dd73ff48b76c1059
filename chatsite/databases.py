"""The database: what ``DATABASE_URL`` becomes in Django's terms, made safe for a chat.

SQLite commits with ``synchronous=FULL``: under WAL, ``NORMAL`` may lose the last
commits at a power failure (https://www.sqlite.org/pragma.html#pragma_synchronous),
and an acknowledged message is never lost. Its transactions are ``IMMEDIATE``,
because a deferred one that reads and then writes fails at once when another wrote.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote

from chatsite.variables import Variables

STATEMENT_TIMEOUT_S = 5
LOCK_TIMEOUT_S = 2
POOL_TIMEOUT_S = 5
IDLE_IN_TRANSACTION_TIMEOUT_S = 15
CONNECT_TIMEOUT_S = 3
RECONNECT_TIMEOUT_S = 2
"""How long the pool tries again by itself; its pauses double, so that a longer time makes them
long. After it, whoever wants a connection makes it try at once."""
SILENCE_S = 10
"""So long a server may leave what was sent to it unacknowledged, or a still line may be dead."""
THREADS_BESIDE = 9
"""Who is in the database beside the three pools of threads: the writer, read marks, four late
rooms, the index being tidied, and a command or two."""
SOUND_SQLITE = (3, 51, 3)
"""The first SQLite without the rare WAL-reset corruption (https://www.sqlite.org/wal.html)."""

_SCHEMES = ("sqlite", "postgres", "postgresql")
_EXAMPLE = "sqlite:///chat.sqlite3 or postgresql://user:password@host:5432/name"
_POSTGRESQL_OPTIONS = frozenset(
    {"sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs", "application_name"}
)


def from_variables(variables: Variables, data_dir: Path, threads: int) -> dict[str, Any]:
    """Return Django's dict for the database: ``DATABASE_URL``, or SQLite in ``data_dir``.

    ``threads`` is how many threads of ours may be in the database at once.
    """
    text = variables.text("DATABASE_URL")
    if not text:
        return sqlite(data_dir / "chat.sqlite3")
    parts = variables.url("DATABASE_URL", text, _SCHEMES, _EXAMPLE)
    if parts is None:
        return sqlite(data_dir / "chat.sqlite3")
    if parts.scheme == "sqlite":
        return _sqlite_from(variables, parts, data_dir)
    return _postgresql_from(variables, parts, threads)


def sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        # Connections belong to a bounded pool of threads that live as long as the
        # process, so they need not be opened anew for each request.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": STATEMENT_TIMEOUT_S,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                # What is redacted or removed is overwritten, not only forgotten.
                "PRAGMA secure_delete=ON;"
            ),
        },
    }


def sqlite_is_sound() -> bool:
    """Whether the SQLite that Python was built with is free of the WAL-reset fault."""
    return sqlite3.sqlite_version_info >= SOUND_SQLITE


def _sqlite_from(variables: Variables, parts: SplitResult, data_dir: Path) -> dict[str, Any]:
    name = unquote(parts.path[1:])
    if parts.netloc or not name or ":memory:" in name:
        variables.refuse(
            "DATABASE_URL",
            "a file, as in sqlite:///chat.sqlite3 (in the data folder) or "
            "sqlite:////srv/chat/chat.sqlite3 (anywhere)",
        )
    # An absolute name stays what it is; a relative one belongs to the data folder.
    return sqlite(data_dir / name)


def _postgresql_from(variables: Variables, parts: SplitResult, threads: int) -> dict[str, Any]:
    # Here, since a site on SQLite needs no psycopg.
    from chatsite.postgresql.connection import ImpatientConnection

    name = unquote(parts.path[1:])
    hidden = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
    if not name or "/" in name:
        variables.refuse("DATABASE_URL", f"an address with a name, like {_EXAMPLE}", shown=hidden)
    extra = dict(parse_qsl(parts.query))
    for key in extra.keys() - _POSTGRESQL_OPTIONS:
        variables.refuse(
            "DATABASE_URL",
            f"without “{key}” (known: {', '.join(sorted(_POSTGRESQL_OPTIONS))})",
            shown=hidden,
        )
    return {
        "ENGINE": "chatsite.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # The pool keeps connections open; Django must not (its documentation, "Connection
        # pool"). Each is checked when taken out, by ``chatsite/postgresql/base.py``.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {
            "application_name": "chat",
            "connect_timeout": CONNECT_TIMEOUT_S,
            # A server whose machine is gone says nothing at all.
            "keepalives_idle": SILENCE_S // 2,
            "keepalives_interval": SILENCE_S // 5,
            "keepalives_count": 2,
            "tcp_user_timeout": SILENCE_S * 1000,
            **extra,
            "options": _server_options(),
            # One for everybody who may ask: no thread waits for another's connection.
            "pool": {
                "min_size": 1,
                "max_size": threads * 3 + THREADS_BESIDE,
                "timeout": POOL_TIMEOUT_S,
                "reconnect_timeout": RECONNECT_TIMEOUT_S,
                "connection_class": ImpatientConnection,
            },
        },
    }


def _server_options() -> str:
    options = {
        "statement_timeout": f"{STATEMENT_TIMEOUT_S}s",
        "lock_timeout": f"{LOCK_TIMEOUT_S}s",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_TIMEOUT_S}s",
        "synchronous_commit": "on",
    }
    return " ".join(f"-c {name}={value}" for name, value in options.items())
