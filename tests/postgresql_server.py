"""A PostgreSQL of the test's own, on a free port, from the machine's own binaries."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

MISSING = "PostgreSQL is not installed: apt-get install postgresql"
SERVERS = Path("/usr/lib/postgresql")
START_TIMEOUT_S = 30.0
STOPS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
"""What each way to stop is to the server: https://www.postgresql.org/docs/15/server-shutdown.html"""

QUICK = {
    # What a killed process has written the kernel still has: only a power failure would tell.
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "100",
}


def binaries() -> Path | None:
    """Return the folder with the newest server's programs; None where there is none."""
    found = [path.parent for path in SERVERS.glob("*/bin/postgres")]
    newest = max(found, key=lambda folder: int(folder.parent.name), default=None)
    if newest is None and (program := shutil.which("postgres")) is not None:
        return Path(program).resolve().parent
    return newest


class PostgresServer:
    """One server with its data in ``folder``, or in a folder of its own; superuser ``postgres``.

    PostgreSQL refuses to run as root, so under root it runs as the user ``postgres`` of
    Debian's package, who must be able to reach ``folder``: pytest's own folders are closed
    to others, a folder made here is not. ``settings`` are the server's, by name.
    """

    def __init__(
        self, folder: Path | None = None, *, settings: Mapping[str, str] | None = None
    ) -> None:
        programs = binaries()
        if programs is None:
            raise FileNotFoundError(MISSING)
        self.programs = programs
        self.folder = folder or Path(tempfile.mkdtemp(prefix="chat-postgresql-"))
        self.port = _free_port()
        self._settings = {**QUICK, **(settings or {})}
        self._owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            person = pwd.getpwnam("postgres")
            os.chown(self.folder, person.pw_uid, person.pw_gid)
            self._owner = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log_path(self) -> Path:
        return self.folder / "server.log"

    @property
    def pid(self) -> int | None:
        """The server's first process; None while it is stopped."""
        return self._process.pid if self._process else None

    def url(self, name: str = "postgres") -> str:
        """The address of the database ``name``, made or not, as ``DATABASE_URL`` takes it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start, with an empty store at the first time; return once it answers."""
        if not self.data.exists():
            self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", *_INITDB)
        words = [f"-c{name}={value}" for name, value in self._settings.items()]
        # Beside the log, so that a failed start can be read there.
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self.programs / "postgres", "-D", self.data, "-p", str(self.port)),
                    *("-k", self.folder, "-c", "listen_addresses=127.0.0.1", *words),
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._owner,
            )
        self._wait_until_it_answers()

    def stop(self, mode: str = "fast") -> None:
        """Stop as ``pg_ctl -m`` does; ``immediate`` is as good as a crash."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(STOPS[mode])
            process.wait(START_TIMEOUT_S)

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def create(self, name: str) -> str:
        """Make the database ``name`` and return its address."""
        self.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop the database ``name``, whoever is in it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def connect(self, name: str = "postgres", **how: Any) -> psycopg.Connection[Any]:
        """Open a connection of one's own, which commits each statement unless told otherwise."""
        return psycopg.connect(self.url(name), **{"autocommit": True, "connect_timeout": 5, **how})

    def execute(self, sql: Any, values: Any = None, *, database: str = "postgres") -> list[Any]:
        """Run one statement in a connection of its own and return its rows."""
        with self.connect(database) as connection:
            cursor = connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def kill_backend(self, pid: int) -> None:
        """End one backend, and with it the transaction that it is in."""
        self.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    def kill_backends(self, where: str = "true") -> int:
        """End every client's backend that fits ``where`` (of pg_stat_activity); return how many."""
        [[count]] = self.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            f" WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND ({where})"
        )
        return int(count)

    def run(self, program: str, *words: Any) -> str:
        """Run one of the server's programs (pg_dump, pg_restore …) and return what it says."""
        done = subprocess.run(
            [self.programs / program, *map(str, words)],
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
            **self._owner,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            assert self._process is not None
            assert self._process.poll() is None, self.log_path.read_text()[-2000:]
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, self.log_path.read_text()[-2000:]
                time.sleep(0.02)
            else:
                return


_INITDB = ("--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres_or_skip() -> None:
    """Leave out what needs PostgreSQL where it is not installed."""
    if binaries() is None:
        pytest.skip(MISSING)


@pytest.fixture(scope="module")
def postgres(postgres_or_skip: None) -> Iterator[PostgresServer]:
    """A server that a module may stop, crash and start again."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()
