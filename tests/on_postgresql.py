"""``python -m tests.on_postgresql``: the tests for which the store matters, on PostgreSQL.

On a server of their own, which is gone afterwards. Words after it go to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.postgresql_server import MISSING, PostgresServer, binaries

TESTS = ("postgresql", "store", "core", "moderation", "rooms", "search")
"""Folders of tests: what is written, judged, resumed and searched. What pages and forms look
like is the same on both databases."""


def main(words: list[str]) -> int:
    """Run the tests; return pytest's exit code, or 0 where PostgreSQL is not installed."""
    if binaries() is None:
        print(f"The tests on PostgreSQL are left out. {MISSING}")  # noqa: T201
        return 1 if os.environ.get("CI") == "true" else 0
    server = PostgresServer()
    try:
        server.start()
        environment = {**os.environ, "DATABASE_URL": server.create("chat")}
        folder = Path(__file__).parent
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        paths = [] if any(Path(w.split("::")[0]).exists() for w in words) else TESTS
        run = subprocess.run(
            [*command, *words, *(str(folder / name) for name in paths)],
            env=environment,
            cwd=folder.parent,
            check=False,
        )
        return run.returncode
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
