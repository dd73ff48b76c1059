"""``python -m tests.fault_suite.trapped``: ``manage.py serve`` that dies at a chosen moment.

The product knows nothing of this. While the file named by ``FAULT_TRAP`` exists, the first
thread that comes to the moment written in it removes the file and kills the process (-9).
With ``SLOWLY`` in it, one call of the database that a subscription makes takes ``SLOW_S``.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BEFORE_COMMIT = "before the commit"
BEFORE_ANNOUNCEMENT = "after the commit, before the announcement"
BEFORE_REPLY = "after the announcement, before the reply"
SLOWLY = "a slow database call"
SLOW_S = 2.0
MOMENTS = (BEFORE_COMMIT, BEFORE_ANNOUNCEMENT, BEFORE_REPLY)
TOLD_WITHIN_S = 0.2
"""Enough for an announcement to be on its way before the process dies."""


def main() -> None:
    trap = Path(os.environ["FAULT_TRAP"])
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
    import manage

    _set_traps(trap)
    sys.argv = ["manage.py", "serve"]
    manage.main()


def _set_traps(trap: Path) -> None:
    """Put the trap before each moment, once everything that it needs is loaded."""
    import django

    django.setup()
    from chat import announce, batches, changes, resume

    _slowly(resume, "read_newest_changes", trap)
    _before(changes, "announce_on_commit", trap, BEFORE_COMMIT)
    # What is to be done on commit is done first thing after it.
    _before(announce, "_ring", trap, BEFORE_ANNOUNCEMENT)
    _before(batches, "answer", trap, BEFORE_REPLY, wait=TOLD_WITHIN_S)


def _before(module: Any, name: str, trap: Path, moment: str, wait: float = 0.0) -> None:
    call: Callable[..., Any] = getattr(module, name)

    def trapped(*args: Any, **kwargs: Any) -> Any:
        if _is_sprung(trap, moment):
            time.sleep(wait)
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)

    setattr(module, name, trapped)


def _slowly(module: Any, name: str, trap: Path) -> None:
    call: Callable[..., Any] = getattr(module, name)

    def slow(*args: Any, **kwargs: Any) -> Any:
        if _is_sprung(trap, SLOWLY):
            time.sleep(SLOW_S)
        return call(*args, **kwargs)

    setattr(module, name, slow)


def _is_sprung(trap: Path, moment: str) -> bool:
    if not trap.exists() or trap.read_text() != moment:
        return False
    trap.unlink()
    return True


if __name__ == "__main__":
    main()
