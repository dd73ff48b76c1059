"""A data folder that is prepared once (tables, static files) and copied for each site of a run.

A new site makes both by itself at its first start, which takes seconds of processor, and a run
of the tests starts some hundred sites. ``tests/setup`` looks at that first start, and takes none
of these.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent
VARIABLE = "CHAT_TESTS_PREPARED"
PREPARE_TIMEOUT_S = 300


def pytest_configure(config: pytest.Config) -> None:
    """Say to all processes of the run where the folder is; whoever needs it first makes it."""
    if not hasattr(config, "workerinput"):
        os.environ[VARIABLE] = tempfile.mkdtemp(prefix="chat-tests-prepared-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take it away at the end of the run."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(VARIABLE), ignore_errors=True)


def fill(data_dir: Path) -> None:
    """Copy the prepared folder to ``data_dir``, unless that is there already.

    The copies share their epoch, as backups of one store do, but not their secret key. Outside
    of a run of the tests, as for the fault suite's own command, nothing is copied.
    """
    if data_dir.exists() or VARIABLE not in os.environ:
        return
    shutil.copytree(_prepared(Path(os.environ[VARIABLE])), data_dir)
    data_dir.chmod(0o700)


def _prepared(folder: Path) -> Path:
    done = folder / "data"
    if done.exists():
        return done
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _prepare(folder / "making")
            (folder / "making").rename(done)
    return done


def _prepare(folder: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    # An empty value counts as not given, and wins over a developer's .env.
    ours = dict.fromkeys(("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "ORIGINS", "STATIC_ROOT"), "")
    subprocess.run(
        [sys.executable, "manage.py", "serve", "--prepare-only"],
        cwd=BASE_DIR,
        env={**kept, **ours, "DATA_DIR": str(folder)},
        check=True,
        timeout=PREPARE_TIMEOUT_S,
        capture_output=True,
    )
    (folder / "secret_key").unlink()
