"""The process lock: on the in-process layer, one server for one data folder.

Two processes without Redis would each keep half of the sockets and not hear each
other. The lock is the kernel's (``flock``), so that a killed server leaves none behind.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatsite.variables import SettingsError

NAME = "server.lock"
TURN_NAME = "prepare.lock"


@contextmanager
def only_process(data_dir: Path, *, said: str) -> Iterator[None]:
    """Hold the lock in ``data_dir``. ``said`` is told to whoever comes second.

    Raises ``SettingsError`` when another server holds it.
    """
    # "a+" neither empties what the holder said nor follows a position of its own.
    with (data_dir / NAME).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise SettingsError([_refusal(data_dir, file.read().strip())]) from error
        file.truncate(0)
        file.write(said)
        file.flush()
        yield


@contextmanager
def turn(data_dir: Path) -> Iterator[None]:
    """Let the servers of one data folder that start together prepare it one after another."""
    with (data_dir / TURN_NAME).open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _refusal(data_dir: Path, holder: str) -> str:
    return (
        f"Another server already uses {data_dir}"
        + (f" ({holder})" if holder else "")
        + ". Stop it first, or set DATA_DIR to another folder for a site of its own. "
        "To run several servers for one site, set REDIS_URL, so that they hear each other, "
        "and DATABASE_URL to a PostgreSQL database, so that they write to one."
    )
