"""Refuse sockets that a page of another site opens, before a consumer exists."""

from __future__ import annotations

from typing import Any

from django.conf import settings


class ExactOrigin:
    """ASGI middleware: only ``settings.ORIGINS`` may open a socket with a cookie.

    Scheme, host and port must be the same (RFC 6454, 5): Channels' own validator looks
    at the host alone. No Origin, and ``null``, are refused too, with HTTP 403.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        if len(origins) != 1 or not is_own_origin(origins[0].decode("latin-1")):
            await send({"type": "websocket.close"})
            return
        await self.application(scope, receive, send)


def is_own_origin(origin: str) -> bool:
    """Whether ``origin`` is one of this site's own."""
    return origin.lower().rstrip("/") in settings.ORIGINS
