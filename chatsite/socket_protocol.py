"""uvicorn's socket, with two more abilities: to write a shared frame, and to hang up.

uvicorn encodes a text and builds its frame anew for each socket, behind a coroutine; that
is most of what a delivery costs. Both abilities are offered to the application as ASGI
extensions (``chat/shared_frame.py``), so that it runs without them too, only slower.
"""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.protocol import State

from chat.shared_frame import HANG_UP, WRITE_FRAME

MAX_PIECES = 1_024
"""Of one message; ``ws_max_size`` bounds their bytes, and empty ones have none."""


class SocketProtocol(WebSocketsSansIOProtocol):
    """What ``uvicorn.Config(ws=...)`` takes."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        # The application's task exists by now, but has not run: it will see these.
        if self.handshake_initiated and not self.close_sent:
            extensions = self.scope["extensions"]
            extensions[WRITE_FRAME] = {"write": self.write_frame}
            extensions[HANG_UP] = {"hang_up": self.hang_up}

    def handle_ping(self) -> None:
        """Answer, unless the peer takes nothing: its pings would fill the memory with answers."""
        answer = self.conn.data_to_send()
        if self.writable.is_set():
            self.transport.write(b"".join(answer))

    def handle_cont(self, event: Frame) -> None:
        """Take another piece of a message, up to ``MAX_PIECES``."""
        if self.close_sent:
            return
        if len(self.frames) >= MAX_PIECES:
            self.frames = []
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG, "too many pieces")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def write_frame(self, frame: bytes) -> bool:
        """Write a ready frame if the peer takes bytes now; else return False."""
        if not self.writable.is_set() or self.disconnected or self.close_sent:
            return False
        if self.conn.state is not State.OPEN:
            return False
        self.transport.write(frame)
        return True

    def hang_up(self) -> None:
        """Drop the connection with what still waits to be written: the peer takes nothing."""
        self.transport.abort()
