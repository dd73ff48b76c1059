"""``manage.py restore FILE``: put a backup in the place of the store."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from chatsite.keeping.refusal import KeepingError
from chatsite.keeping.restoring import Wishes, restore


class Command(BaseCommand):
    help = "Restore a backup. No server of the site may run meanwhile."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="What manage.py backup wrote.")
        parser.add_argument(
            "--replace", action="store_true", help="Even if that loses what is in the store now."
        )
        parser.add_argument(
            "--keep-sessions",
            action="store_true",
            help="Whoever was signed in then is so again; also where a session was ended since.",
        )
        parser.add_argument(
            "--despite-damage", action="store_true", help="Even if its rooms are not sound."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wishes = Wishes(options["replace"], options["keep_sessions"], options["despite_damage"])
        try:
            made = restore(options["file"], wishes, self.stdout.write)
        except KeepingError as error:
            raise CommandError(str(error)) from error
        except (OSError, sqlite3.Error, psycopg.Error, DatabaseError) as error:
            reason = getattr(error, "strerror", None) or " ".join(str(error).split())
            raise CommandError(
                f"Nothing was restored, and the store is as it was: {reason}"
            ) from error
        counts = ", ".join(f"{n:,} {what}" for what, n in made.store.counts.items())
        self.stdout.write(f"Restored: {counts}. What happened after the backup is gone.")
