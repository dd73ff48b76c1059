"""A frame that many sockets get: one text, encoded once, as bytes that all of them share.

A server's frames are not masked (RFC 6455, 5.1), so a broadcast is the same bytes for
everybody. A server that can write them as they are says so by the ASGI extension
``WRITE_FRAME``; on any other the text is sent, and the server frames it for each socket.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from websockets.frames import Frame, Opcode

WRITE_FRAME = "chat.write_frame"
"""``{"write": function}``: takes a ready frame; False where the peer takes no bytes now."""
HANG_UP = "chat.hang_up"
"""``{"hang_up": function}``: drops the connection with what still waits to be written."""


class SharedFrame:
    """One text frame for many."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def message(self) -> dict[str, Any]:
        """The frame as an ASGI message."""
        return {"type": "websocket.send", "text": self.text}

    @cached_property
    def wire(self) -> bytes:
        """The frame as it goes over the wire."""
        return Frame(Opcode.TEXT, self.text.encode()).serialize(mask=False)
