"""A request over HTTP: the number that it goes by, what is counted of it, its line in the log."""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest

from chat import metrics, work_id
from chatsite import proxies

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
_FROM_A_PROXY = re.compile(r"[A-Za-z0-9._-]{8,64}")


def number_of(scope: dict[str, Any]) -> str:
    """Return the request's number: that of a proxy of ours, or a new one.

    Without a proxy of ours the header is a client's, who might take somebody else's number.
    """
    if settings.TRUSTED_PROXIES:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _FROM_A_PROXY.fullmatch(value.decode("latin-1")):
                return str(value.decode("ascii"))
    return work_id.new_id()


def view_of(request: HttpRequest | None) -> str:
    """Return the name of the view that answered: one of those that stand in the code."""
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return str(match.view_name)
    if request is not None and request.path.startswith(str(settings.STATIC_URL)):
        return "static"
    # A refusal by a middleware, or an address that leads nowhere.
    return "none"


def note(scope: dict[str, Any], view: str, status: int, seconds: float) -> None:
    """Count a request that was answered, and log it where the operator wants that."""
    proxies.notice(scope)
    metrics.HTTP_REQUESTS.labels(view, str(status)).inc()
    metrics.HTTP_SECONDS.labels(view).observe(seconds)
    if settings.LOG_REQUESTS:
        ms = round(seconds * 1000, 1)
        said = {"view": view, "status": status, "method": scope["method"], "ms": ms}
        # The path alone: a query may be a search, or a token. Quoted: it may hold a line break.
        path = quote(scope["path"])
        logger.info("%s %s %s %s ms", scope["method"], path, status, ms, extra=said)
