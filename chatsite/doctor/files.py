"""Whether the data folder is private, has room, and holds what the site needs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from chatsite import static
from chatsite.doctor.finding import Finding, worth_knowing, wrong

MIB = 1024 * 1024
LEAST_FREE = 512 * MIB
LOW_SHARE = 0.1
_OTHERS = 0o077


def data_folder_is_private() -> Iterator[Finding]:
    """Look who may look into the data folder, and whether we may write there."""
    folder = Path(settings.DATA_DIR)
    if folder.stat().st_mode & _OTHERS:
        yield wrong(
            _("Other users of this machine may look into %(folder)s, where the messages are.")
            % {"folder": folder},
            f"chmod 700 {folder}",
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        yield wrong(
            _("This user may not write to %(folder)s.") % {"folder": folder},
            _("Run the site, and this, as the user who owns the folder."),
        )


def secret_key_is_private() -> Iterator[Finding]:
    """Look who may read the key."""
    path = Path(settings.DATA_DIR) / "secret_key"
    if path.exists() and path.stat().st_mode & _OTHERS:
        yield wrong(
            _("Other users of this machine may read the secret key: %(path)s.") % {"path": path},
            f"chmod 600 {path}",
        )


def disk_has_room(least: int = LEAST_FREE) -> Iterator[Finding]:
    """Look how much room the data folder's disk has; ``least`` is in bytes."""
    usage = shutil.disk_usage(settings.DATA_DIR)
    says = {"folder": settings.DATA_DIR, "free": usage.free // MIB}
    if usage.free < least:
        yield wrong(
            _("The disk of %(folder)s is nearly full: %(free)s MiB are left.") % says,
            _("Make room. When nothing is left, nobody can post."),
        )
    elif usage.free < usage.total * LOW_SHARE:
        yield worth_knowing(
            _("The disk of %(folder)s is filling up: %(free)s MiB are left.") % says,
            _("Make room before long."),
        )


def static_files_are_prepared() -> Iterator[Finding]:
    """Compare the prepared static files with their sources."""
    if not static.is_prepared():
        yield wrong(
            _("The static files are not prepared, or older than their sources."),
            _("Run manage.py serve --prepare-only."),
        )
