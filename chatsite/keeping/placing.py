"""How a file gets to its place: whole, in one step, also from or to another disk."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path


def put(source: Path, target: Path) -> None:
    """Move a file over ``target``, which is what it was, or what it is to be, at every moment.

    The folder of pictures may be a mounted one, and the database on a disk of its own.
    """
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_beside(source, target)
        source.unlink()


def put_new(source: Path, target: Path) -> None:
    """Give ``target`` the content of ``source``. Raises ``FileExistsError`` where one is there."""
    try:
        # A link, not a rename: it fails where another was quicker.
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        # Network folders and sticks have no second names: take the name first, then fill it.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
        try:
            put(source, target)
        except OSError:
            target.unlink()
            raise


def _copy_beside(source: Path, target: Path) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as copy, source.open("rb") as file:
            shutil.copyfileobj(file, copy)
            copy.flush()
            os.fsync(copy.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
