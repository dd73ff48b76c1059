"""A PostgreSQL of the cluster's own, durable as in production."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Literal

import psycopg

from deploy.scale.program import Program, ScaleError, make_folder

DATABASE = USER = "chat"
PACKAGE = "postgresql"
# Said aloud although they are PostgreSQL's own: a rehearsal that is faster than production
# by being less safe would prove nothing.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
STOPS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "smart": signal.SIGTERM}


class Postgres(Program):
    """``start`` makes the cluster's files the first time; they stay when it is stopped."""

    name = "PostgreSQL"

    def __init__(self, folder: Path, port: int) -> None:
        # PostgreSQL refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else None
        super().__init__(make_folder(folder, self.user), port)
        self._password = secrets.token_urlsafe(24)
        self._data = folder / "data"

    @property
    def url(self) -> str:
        """What ``DATABASE_URL`` wants."""
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self.port}/{DATABASE}"

    def command(self) -> list[str]:
        settings = {
            **DURABLE,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            # Paths of sockets may be no longer than 107 bytes, and nobody needs this one.
            "unix_socket_directories": "",
            "max_connections": "200",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [_program("postgres"), "-D", str(self._data), *words]

    def launch(self) -> None:
        if not self._data.exists():
            self._make_files()
        super().launch()

    def wait_until_ready(self) -> None:
        super().wait_until_ready()
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not found:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self._maintenance, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, signum: int = signal.SIGINT, *, mode: str = "") -> int:
        """Stop in one of PostgreSQL's own modes; "fast" unless told otherwise."""
        return super().stop(STOPS[mode] if mode else signum)

    @property
    def _maintenance(self) -> str:
        return self.url.removesuffix(DATABASE) + "postgres"

    def _make_files(self) -> None:
        password_file = self.folder / "password"
        password_file.write_text(self._password)
        if self.user is not None:
            shutil.chown(password_file, self.user, self.user)
        password_file.chmod(0o600)
        words = ["--auth=scram-sha-256", "--username", USER, "--pwfile", str(password_file)]
        words += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(
            [_program("initdb"), "-D", str(self._data), *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            user=self.user,
            group=self.user,
        )
        if made.returncode:
            raise ScaleError(f"PostgreSQL's files cannot be made:\n{made.stderr[-2000:]}")


def _program(name: Literal["postgres", "initdb"]) -> str:
    """Debian keeps these out of the PATH, each version in a folder of its own."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise ScaleError(f"{name} is missing: apt-get install {PACKAGE}")
    return found
