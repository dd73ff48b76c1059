"""``manage.py backup``: the database and its files in one archive, while the site runs."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatsite.keeping import archive, making
from chatsite.keeping.manifest import Manifest
from chatsite.keeping.refusal import KeepingError

STDOUT = Path("-")


class Command(BaseCommand):
    help = "Back the site up into one archive. The site may run meanwhile."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            help="A file, a folder that is there (named by the time then), or - for standard "
            "output. By default in DATA_DIR/backups.",
        )
        parser.add_argument(
            "--with-secret-key",
            action="store_true",
            help="With the key that opens what is sealed. Whoever has the archive has the site.",
        )
        parser.add_argument(
            "--keep",
            type=int,
            metavar="N",
            help="Then remove all but the newest N of the folder.",
        )
        parser.add_argument(
            "--check", action="store_true", help="Make none: read FILE whole, and say what it is."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._handle(options["file"], options)
        except KeepingError as error:
            raise CommandError(str(error)) from error
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise CommandError(f"No backup was made: {reason}.") from error

    def _handle(self, file: Path | None, options: dict[str, Any]) -> None:
        if options["check"]:
            if file is None or file == STDOUT:
                raise KeepingError("Say which file to check.")
            self.stdout.write(_summary(archive.check(file)))
            return
        if file == STDOUT:
            made = making.stream_backup(
                sys.stdout.buffer, with_secret_key=options["with_secret_key"]
            )
            sys.stdout.buffer.flush()
            self.stderr.write(_summary(made))
            return
        path = _target(file)
        if options["keep"] is not None and options["keep"] < 1:
            raise KeepingError("--keep is at least 1: the newest backup always stays.")
        made = making.write_backup(path, with_secret_key=options["with_secret_key"])
        self.stdout.write(f"{path} ({path.stat().st_size:,} bytes)\n{_summary(made)}")
        if options["keep"] is not None:
            for old in making.rotate(path.parent, options["keep"]):
                self.stdout.write(f"Removed {old.name}.")


def _target(file: Path | None) -> Path:
    if file is None:
        folder = Path(settings.DATA_DIR) / "backups"
        folder.mkdir(mode=0o700, exist_ok=True)
        return making.named_by_time(folder)
    return making.named_by_time(file) if file.is_dir() else file


def _summary(made: Manifest) -> str:
    counts = ", ".join(f"{n:,} {what}" for what, n in made.store.counts.items())
    pictures = sum(member.name.startswith("media/") for member in made.members)
    has_key = any(member.name == making.SECRET_KEY for member in made.members)
    return (
        f"Backup of {made.made_at}, {made.store.engine} {made.store.server_version}: {counts}, "
        f"{pictures:,} pictures, {'with' if has_key else 'without'} the secret key. It is whole."
    )
