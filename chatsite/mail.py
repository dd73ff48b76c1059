"""Mail: what ``EMAIL_URL`` becomes in Django's terms. Without it, mail goes to the terminal."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

import environ

from chatsite.variables import Variables

SEND_TIMEOUT_S = 10
_SCHEMES = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "dummymail")


def from_variables(variables: Variables) -> dict[str, Any]:
    """Return Django's ``EMAIL_*`` settings and ``DEFAULT_FROM_EMAIL``."""
    sender = variables.text("EMAIL_FROM", "chat@localhost")
    if "@" not in parseaddr(sender)[1]:
        variables.refuse("EMAIL_FROM", "an e-mail address, like Chat <chat@example.org>")
    common = {"DEFAULT_FROM_EMAIL": sender, "SERVER_EMAIL": sender, "EMAIL_TIMEOUT": SEND_TIMEOUT_S}
    console = {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend", **common}
    text = variables.text("EMAIL_URL")
    if not text:
        return console
    parts = variables.url("EMAIL_URL", text, _SCHEMES, "smtp+tls://user:password@host:587")
    if parts is None:
        return console
    if "smtp" in parts.scheme and not parts.hostname:
        variables.refuse("EMAIL_URL", "an address with the mail server's name", shown=parts.scheme)
    settings = {name: value for name, value in environ.Env.email_url_config(text).items() if value}
    return {**settings, **common}
