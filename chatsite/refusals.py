"""The answer to a socket that is opened where there is none."""

from typing import Any


async def refuse_socket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Refuse the handshake (HTTP 403) instead of failing with a trace."""
    await send({"type": "websocket.close"})
