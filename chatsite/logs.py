"""The log: as text for people or as JSON for programs. No bodies, no query strings, no names.

Everything speaks through Python's own logging, Django and uvicorn included, so the form is a
formatter's affair (python-json-logger). What libraries hang on a record besides its sentence
(Django hangs whole requests on it) is left out unless it stands in ``FIELDS``.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from pythonjsonlogger.orjson import OrjsonFormatter

from chat.work_id import current_id

FIELDS = (
    *("time", "level", "logger", "process", "work", "message"),
    *("method", "status", "view", "ms", "exc_info"),
)
"""What a line of JSON may have; ``work`` is the number of the request or the socket."""
_TEXT = "{asctime} {levelname} {name} {marked}{message}"
_ATTRIBUTES = ["levelname", "name", "process", "work", "message"]
_NAMES = {"levelname": "level", "name": "logger"}
# PostgreSQL repeats the row that it refused, and a row may be somebody's message.
_ROW = re.compile(r"^DETAIL: .*?(?=^The above exception|^During handling|\Z)", re.M | re.S)


class WithWork(logging.Filter):
    """Gives each record the number of the work that it was written in."""

    def filter(self, record: logging.LogRecord) -> bool:
        work = current_id()
        record.work, record.marked = work, f"[{work}] " if work else ""
        return True


class TextLines(logging.Formatter):
    """One line for each record, and the trace of a fault of ours below it."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return without_rows(super().formatException(ei))


class JsonLines(OrjsonFormatter):
    """One JSON object for each record, its trace included."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return without_rows(str(super().formatException(ei)))

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        said = {name: log_data.get(name) for name in FIELDS}
        return {name: value for name, value in said.items() if value not in (None, "")}


def without_rows(trace: str) -> str:
    """Return a trace without the rows that PostgreSQL repeats in it."""
    return _ROW.sub("DETAIL: …\n", trace).rstrip("\n")


def configuration(*, level: str, form: str) -> dict[str, Any]:
    """Return Django's ``LOGGING``; ``form`` is ``text`` or ``json``."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": "chatsite.logs.TextLines", "format": _TEXT, "style": "{"},
            "json": {
                "()": "chatsite.logs.JsonLines",
                "fmt": _ATTRIBUTES,
                "rename_fields": _NAMES,
                "timestamp": "time",
            },
        },
        "filters": {
            "work": {"()": "chatsite.logs.WithWork"},
            "client_mistakes": {"()": "chatsite.client_mistakes.WithoutTrace"},
            "secret_paths": {"()": "chatsite.secret_paths.WithoutSecrets"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["work", "client_mistakes", "secret_paths"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            # At DEBUG it repeats each statement with its values: bodies, names, addresses.
            "django.db.backends": {"level": "INFO"},
            # At INFO each server tells the story of its own start, which ours tells already.
            "uvicorn": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            # At INFO it tells which passkey somebody used.
            "fido2": {"level": "WARNING"},
        },
    }
