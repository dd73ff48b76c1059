"""The site's own settings, for a process whose wall clock lies by ``libfaketime``.

Its ``clock_nanosleep`` refuses what Python's ``time.sleep`` asks for (an absolute time of the
monotonic clock, since Python 3.11), so that any sleep would be a fault. ``select`` sleeps too.
"""

from __future__ import annotations

import select
import time

from chatsite.settings import *  # noqa: F403 - settings are made so


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
