"""``/healthz``, ``/readyz`` and ``/metrics``, answered before anything else is asked.

They stand before Django: no session, no host check (a probe comes by address), no redirect
to HTTPS, no thread of those that pages wait for. None takes anything but its own path.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson

from chatsite.watching.exposition import CONTENT_TYPE, Exposition, may_read
from chatsite.watching.readiness import Readiness

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
JSON = "application/json"
_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    body: bytes
    status: int = HTTPStatus.OK
    content_type: str = JSON


class OperatorDoors:
    """An ASGI application before the site's own."""

    def __init__(self, site: Application) -> None:
        self._site = site
        self._readiness = Readiness()
        self._exposition = Exposition(self._readiness)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        answer = await self._answer(scope)
        if answer is None:
            await self._site(scope, receive, send)
            return
        headers = [
            *_HEADERS,
            (b"content-type", answer.content_type.encode("ascii")),
            (b"content-length", str(len(answer.body)).encode("ascii")),
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: dict[str, Any]) -> Answer | None:
        """Return the answer; None where the site itself is asked."""
        if scope["path"] not in ("/healthz", "/readyz", "/metrics"):
            return None
        if scope["path"] == "/metrics" and not may_read(scope):
            # As if there were nothing: the site says that in its own way.
            return None
        if scope["method"] not in ("GET", "HEAD"):
            return Answer(b'{"state":"refused"}', HTTPStatus.METHOD_NOT_ALLOWED)
        if scope["path"] == "/healthz":
            return Answer(b'{"state":"alive"}')
        if scope["path"] == "/readyz":
            report = await self._readiness.report()
            return Answer(orjson.dumps(report.said), report.status)
        return Answer(await self._exposition.text(), content_type=CONTENT_TYPE)
