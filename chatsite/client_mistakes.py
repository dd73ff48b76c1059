"""What a client did wrong is no fault of ours: the log says it in a line, without a trace."""

from __future__ import annotations

import logging

from django.core.exceptions import DisallowedHost

MISTAKES: dict[str, tuple[type[Exception], ...]] = {
    "uvicorn.error": (UnicodeDecodeError,),
    "django.security.DisallowedHost": (DisallowedHost,),
}
"""By logger: the exceptions that only a client's bytes can cause there."""


class WithoutTrace(logging.Filter):
    """Let the record through as a line, for traces are for faults of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, MISTAKES.get(record.name, ())):
            record.exc_info = None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True
