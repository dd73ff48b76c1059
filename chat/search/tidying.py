"""What an index puts off until nobody waits for it, done in a thread of its own.

Both databases write quickly by leaving work for later: FTS5 small segments to be merged,
GIN a list to be sorted in. Left alone they do it in the middle of somebody's post.
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, connection

from chat.errors import BusyError

logger = logging.getLogger(__name__)

_put_off = 0.0
"""In parts of what may be put off; from 1 on it is due."""
_turn = threading.Lock()


def put_off(work: int, *, most: int) -> None:
    """Note that ``work`` was left for later; ``most`` of it is due."""
    global _put_off  # noqa: PLW0603
    # Threads that overtake each other here lose a little of the count, which does no harm.
    _put_off += work / most


def start_if_due() -> None:
    """Tidy in the background, if enough was put off. Called by who writes much, after a commit."""
    global _put_off  # noqa: PLW0603
    if _put_off >= 1 and _turn.acquire(blocking=False):
        _put_off = 0
        try:
            threading.Thread(target=_run, name="tidying", daemon=True).start()
        except RuntimeError:
            # No thread is to be had now; whoever writes must not suffer for it.
            _turn.release()


def _run() -> None:
    try:
        tidy()
    except (BusyError, DatabaseError) as error:
        # It is only put off once more.
        logger.info("the search index was not tidied: %s", error)
    finally:
        connection.close()
        _turn.release()


def tidy() -> None:
    """Do all that was put off, in steps, resting between them as long as each took."""
    from chat.search.indexes import the_index

    while True:
        began = time.monotonic()
        if not the_index().tidy():
            return
        time.sleep(time.monotonic() - began)
