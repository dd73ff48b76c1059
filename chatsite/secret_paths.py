"""Links that are as good as a password, kept out of the log."""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(r"(/owner/|/reset/key/|/confirm-email/|[?&]invitation=)[^/\s&\"']+")


class WithoutSecrets(logging.Filter):
    """Blots the secret part of owner's, reset, confirmation and invitation links."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        blotted = _SECRET.sub(r"\1…", said)
        if blotted != said:
            record.msg, record.args = blotted, None
        return True
