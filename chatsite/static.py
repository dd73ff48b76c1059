"""Static files under hashed names; before they are prepared, under their plain ones."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

STAMP = ".prepared"


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage; imports between our modules go through the import map.

    Where ``collectstatic`` has not run, as under tests and ``runserver``, names stay
    plain and WhiteNoise serves the sources.
    """

    manifest_strict = True

    def stored_name(self, name: str) -> str:
        if not self.hashed_files:
            return name
        return str(super().stored_name(name))


def is_prepared() -> bool:
    """Whether the static files were prepared from the sources as they are now."""
    stamp = Path(settings.STATIC_ROOT) / STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii") == _fingerprint()


def prepare() -> bool:
    """Collect, hash and compress the static files if their sources changed since last time.

    Old hashed files stay, so that a page that is open goes on working. Returns whether
    there was anything to do.
    """
    stamp = Path(settings.STATIC_ROOT) / STAMP
    print_now = _fingerprint()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == print_now:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(print_now, encoding="ascii")
    return True


def _fingerprint() -> str:
    """A digest of every source's name, size and time, and of how they are prepared."""
    digest = hashlib.sha256(repr((settings.STATIC_URL, settings.STORAGES)).encode())
    for finder in finders.get_finders():
        for name, storage in sorted(finder.list([]), key=_name_of):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _name_of(found: tuple[str, Any]) -> str:
    return found[0]
