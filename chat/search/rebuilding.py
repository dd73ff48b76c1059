"""Make the index anew, and take out of it what was removed, while the site runs."""

from __future__ import annotations

import time
from collections.abc import Iterator

from chat.database import writing
from chat.search.indexes import the_index


def rebuild() -> Iterator[int]:
    """Index every message again, the newest first; yield how many were done, again and again.

    In small transactions, with as much time between them, so that others can write.
    On SQLite it starts empty, and what is not indexed yet is not found meanwhile.
    """
    index = the_index()
    done = 0
    with writing():
        highest = index.begin_rebuild()
    while highest > 0:
        began = time.monotonic()
        with writing():
            highest, count = index.rebuild(highest)
        done += count
        yield done
        time.sleep(time.monotonic() - began)
    with writing():
        index.end_rebuild()


def erase() -> None:
    """Overwrite the words of what was removed for good, in small transactions."""
    began = time.monotonic()
    for _ in the_index().erase():
        time.sleep(time.monotonic() - began)
        began = time.monotonic()
