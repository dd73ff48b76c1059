"""A restored database beside the present one, until it takes its place in one step."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import psycopg
from django.db import connection
from psycopg import sql

from chatsite.keeping import postgresql, running
from chatsite.keeping.archive import sync_folder
from chatsite.keeping.placing import put
from chatsite.keeping.refusal import KeepingError

ELSEWHERE = "postgres"
"""The database to be in while another is renamed; every server has it."""


class Stage(ABC):
    """One staged database."""

    @property
    @abstractmethod
    def name(self) -> Any:
        """Its name, as Django's settings have it."""

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Let Django's connection lead to it meanwhile."""
        let_go()
        present = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = self.name
        # Migrations and indexes may take longer than a chat's statement ought to.
        options = connection.settings_dict["OPTIONS"]
        before = options.get("options")
        if before is not None:
            options["options"] = "-c statement_timeout=0 -c synchronous_commit=on"
        try:
            yield
        finally:
            let_go()
            connection.settings_dict["NAME"] = present
            if before is not None:
                options["options"] = before

    @abstractmethod
    def swap(self) -> None:
        """Take the place of the present database, or raise and leave it."""


@contextmanager
def staged(copy: Path, tell: Callable[[str], Any]) -> Iterator[Stage]:
    """Make a database of the copy; what is not swapped is removed. Raises ``KeepingError``."""
    if connection.vendor == "sqlite":
        yield SqliteStage(copy)
        return
    stage = PostgresqlStage()
    stage.fill(copy)
    try:
        yield stage
    except BaseException:
        stage.drop()
        raise
    with done_already(tell, f"the database {stage.not_used} is still there"):
        stage.drop()


@contextmanager
def done_already(tell: Callable[[str], Any], what: str) -> Iterator[None]:
    """What comes after the swap undoes nothing where it fails: the operator is told ``what``."""
    try:
        yield
    except (OSError, KeepingError, psycopg.Error) as error:
        reason = " ".join(str(error).split())
        tell(f"The backup is in place, but {what}: {reason}")


class SqliteStage(Stage):
    """The copy itself, in a folder beside the file whose place it takes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> Path:
        return self._path

    def swap(self) -> None:
        running.check_unused()
        with self.opened(), connection.cursor() as cursor:
            # All of it in the one file that is moved.
            cursor.execute("PRAGMA journal_mode=DELETE")
        present = Path(connection.settings_dict["NAME"])
        put(self._path, present)
        sync_folder(present.parent)


class PostgresqlStage(Stage):
    """A database of its own on the same server."""

    def __init__(self) -> None:
        self._present = str(connection.settings_dict["NAME"])
        mark = secrets.token_hex(4)
        # A name has 63 bytes.
        self._name = f"{self._present[:40]}_restored_{mark}"
        self._former = f"{self._present[:40]}_former_{mark}"
        self._is_swapped = False

    @property
    def name(self) -> str:
        return self._name

    def fill(self, copy: Path) -> None:
        with postgresql.connect(ELSEWHERE) as server:
            version = server.info.server_version // 10000
            try:
                server.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                        sql.Identifier(self._name)
                    )
                )
            except psycopg.errors.InsufficientPrivilege as error:
                user = connection.settings_dict["USER"]
                raise KeepingError(
                    "A backup is restored into a database of its own, and the user of DATABASE_URL "
                    f"may not make one. As an administrator: ALTER ROLE “{user}” CREATEDB"
                ) from error
        try:
            postgresql.run(
                "pg_restore",
                version,
                "--exit-on-error",
                "--single-transaction",
                "--no-owner",
                "--no-privileges",
                str(copy),
                database=self._name,
            )
        except BaseException:
            self.drop()
            raise

    def swap(self) -> None:
        running.check_unused()
        try:
            with postgresql.connect(ELSEWHERE) as server, server.transaction():
                # Either both names change or none, and neither while anybody is connected.
                for old, new in ((self._present, self._former), (self._name, self._present)):
                    server.execute(
                        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                            sql.Identifier(old), sql.Identifier(new)
                        )
                    )
        except running.IN_USE as error:
            raise KeepingError(
                "Somebody connected to the database meanwhile; the store is as it was. Stop every "
                "server of this site first."
            ) from error
        self._is_swapped = True

    def drop(self) -> None:
        """Remove what is not in use: the former store after the swap, the staged one without."""
        let_go()
        with postgresql.connect(ELSEWHERE) as server:
            server.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                    sql.Identifier(self.not_used)
                )
            )

    @property
    def not_used(self) -> str:
        return self._former if self._is_swapped else self._name


def let_go() -> None:
    """Close Django's connection, and the pool that it is from."""
    connection.close()
    if connection.vendor == "postgresql":
        cast("Any", connection).close_pool()
