"""``manage.py move_store --to URL``: the whole store into another database."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from chatsite import moving, schema
from chatsite.keeping.refusal import KeepingError
from chatsite.keeping.running import nobody_else


class Command(BaseCommand):
    help = "Copy the whole store into another, empty database. The site has to be stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, metavar="URL", help="As DATABASE_URL has it.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._move(options["to"])
        except (moving.MoveError, KeepingError) as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            reason = " ".join(str(error).split()).rstrip(".")
            raise CommandError(f"Nothing was moved: {reason}.") from error

    def _move(self, url: str) -> None:
        if schema.missing():
            raise moving.MoveError("Bring this database up to date first: serve --prepare-only.")
        moving.open_target(url, settings.DATA_DIR)
        moving.check_target()
        # Before the lock is ours: it takes it too.
        self._there(url, "serve", "--prepare-only")
        with nobody_else():
            count = moving.move(self.stdout.write)
        self._there(url, "reindex")
        self.stdout.write(self._there(url, "verify_rooms").strip())
        self.stdout.write(
            f"Moved {count:,} rows. Now set DATABASE_URL to the new address, for every process, "
            "and start the site. The old database is as it was."
        )

    def _there(self, url: str, *words: str) -> str:
        """Run a command on the other database; return what it said."""
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, str(settings.BASE_DIR / "manage.py"), *words],
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise moving.MoveError(f"{words[0]} failed there:\n{done.stdout}{done.stderr}".strip())
        return done.stdout
