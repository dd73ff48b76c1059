"""``python -m tests.on_postgresql``: the tests for which the store matters, on PostgreSQL.

On a server of their own, which is gone afterwards. Words after it go to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.postgresql_server import MISSING, PostgresServer, binaries

TESTS = (
    "postgresql",
    *(f"store/test_{name}.py" for name in ("changes_since", "member_actions", "message_actions")),
    *(f"store/test_{name}.py" for name in ("nonces", "open_change", "room_actions", "snapshots")),
    *(f"store/test_{name}.py" for name in ("guarded_rows", "verify_rooms")),
    *(f"core/test_{name}.py" for name in ("new_epoch", "rechecks", "redacted_meanwhile")),
    *(f"core/test_{name}.py" for name in ("the_hub_goes_on", "turns")),
    *(f"moderation/test_{name}.py" for name in ("held_posts", "posting_rules", "redaction")),
    *(f"moderation/test_{name}.py" for name in ("reports", "sanctions", "verifying")),
    *(f"retention/test_{name}.py" for name in ("pruning", "beside_posts")),
    *(f"search/test_{name}.py" for name in ("matching", "following", "rebuilding")),
)
"""What is written, judged, resumed and searched, where the database matters. What pages and forms
look like, and what texts and names may be, is the same on both."""


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
