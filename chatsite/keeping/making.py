"""Make a backup while the site runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings

from chatsite.keeping import archive, database, files, manifest
from chatsite.keeping.manifest import Manifest
from chatsite.keeping.refusal import KeepingError

PREFIX, SUFFIX = "chat-", ".tar.gz"
SECRET_KEY = "secret_key"  # noqa: S105 - the name of a file


def write_backup(path: Path, *, with_secret_key: bool = False) -> Manifest:
    """Write an archive to ``path``: all of it, read again and found right, or none.

    Raises ``KeepingError``, and ``OSError`` where the disk is full.
    """
    with archive.whole_file(path) as out:
        made = _fill(out, with_secret_key)
    _mark().touch()
    return made


def stream_backup(out: IO[bytes], *, with_secret_key: bool = False) -> Manifest:
    """Write an archive to a pipe, where nobody here can read it again. Raises as the other."""
    made = _fill(out, with_secret_key)
    _mark().touch()
    return made


def last_backup_at() -> float | None:
    """When the last backup was made from this data folder, in seconds since 1970; None: never."""
    return _mark().stat().st_mtime if _mark().exists() else None


def _mark() -> Path:
    return Path(settings.DATA_DIR) / "last-backup"


def _fill(out: IO[bytes], with_secret_key: bool) -> Manifest:
    with _folder() as folder:
        files.hold(folder)
        with database.copied(folder) as copy:
            files.hold(folder)
            writer = archive.Writer(out)
            writer.add(copy.name, copy.path)
            store = copy.store
        for name, path in files.held(folder):
            writer.add(name, path)
        if with_secret_key:
            writer.add_bytes(SECRET_KEY, settings.SECRET_KEY.encode() + b"\n")
        made = manifest.made_now(store, settings.SECRET_KEY, writer.members)
        writer.end(made)
        return made


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder of our own, beside the files so that they need not be copied."""
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.DATA_DIR) as name:
        yield Path(name)


def named_by_time(folder: Path) -> Path:
    """Where a backup of now goes in ``folder``."""
    return folder / f"{PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"


def rotate(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest ``keep`` backups of ``folder`` named by time; return those removed.

    Raises ``KeepingError`` for fewer than one.
    """
    if keep < 1:
        raise KeepingError("--keep is at least 1: the newest backup always stays.")
    made = sorted(
        path
        for path in folder.glob(f"{PREFIX}*{SUFFIX}")
        if len(path.name) == len(named_by_time(folder).name)
    )
    for path in made[:-keep]:
        path.unlink()
    return made[:-keep]
