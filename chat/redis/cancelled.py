"""Whether this task should have ended: redis-py may swallow a cancellation, and go on."""

from __future__ import annotations

import asyncio


def is_cancelled() -> bool:
    """Whether somebody cancelled the running task, whatever became of the exception."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
