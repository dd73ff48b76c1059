"""The files beside the database: which they are, and how they stay as they were for a moment."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from chatsite.keeping.archive import is_name
from chatsite.keeping.placing import put

FOLDER = "media"
"""Of all in DATA_DIR only this: the database is copied by its own means, static files are made
anew, locks are of this machine, and the secret key goes along only where it is asked for."""


def all_files() -> Iterator[tuple[str, Path]]:
    """Yield each picture's name in an archive and its path."""
    root = Path(settings.MEDIA_ROOT)
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder) / name
            member = f"{FOLDER}/{path.relative_to(root).as_posix()}"
            if is_name(member) and path.is_file() and not path.is_symlink():
                yield member, path


def hold(folder: Path) -> None:
    """Keep every file that there is now under its name in ``folder``, whoever removes it.

    Called before the database is copied and again after it: whatever the copy refers to was
    there before, or has come meanwhile.
    """
    for name, path in all_files():
        held = folder / name
        if held.exists():
            continue
        held.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            # A picture is never changed, so a second name for it is as good as a copy.
            os.link(path, held)
        except FileNotFoundError:
            continue
        except OSError:
            shutil.copyfile(path, held)


def held(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield what ``hold`` keeps, in order of name."""
    for path in sorted((folder / FOLDER).rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


@contextmanager
def brought_in(folder: Path) -> Iterator[set[str]]:
    """Put the files of ``folder`` beside the present ones; yield their names.

    Names are random and contents never change: nothing that is there is touched. Where what
    is done meanwhile fails, they are taken away again.
    """
    names: set[str] = set()
    added: list[Path] = []
    try:
        for name, path in held(folder):
            names.add(name)
            target = Path(settings.MEDIA_ROOT) / Path(name).relative_to(FOLDER)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                put(path, target)
                added.append(target)
        yield names
    except BaseException:
        for target in added:
            target.unlink(missing_ok=True)
        raise


def remove_others(names: set[str]) -> int:
    """Remove the files of the store before, once nothing refers to them; return how many."""
    count = 0
    for name, path in list(all_files()):
        if name not in names:
            path.unlink(missing_ok=True)
            count += 1
    return count
