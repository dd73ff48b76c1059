"""HTTP as uvicorn speaks it, with a bound on a request's size and on the time of its head.

uvicorn bounds neither with httptools: one connection could send headers or a body for
ever, and one that never begins would stay for ever. Views judge the sizes of what they
take; this only keeps what nobody would take out of memory and off the disk.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 32 * 1024 * 1024
HEAD_TIMEOUT_S = 15.0

_HEAD_TOO_LARGE = "431 Request Header Fields Too Large"
_BODY_TOO_LARGE = "413 Content Too Large"
_TOO_SLOW = "408 Request Timeout"


class BoundedHttp(HttpToolsProtocol):
    """Answers 431 or 413 to what is too large, 408 to a head that takes too long, and closes."""

    leaving: ClassVar[bool] = False
    """Whether each answer ends its connection: a proxy is to keep none to who stops."""
    _in_head = False
    _head_bytes = 0
    _body_bytes = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(_HEAD_TOO_LARGE)
        elif self._timer is None:
            self._start_timer()

    def on_message_begin(self) -> None:
        self._in_head = True
        self._head_bytes = self._body_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_timer()
        super().on_headers_complete()
        if self.leaving and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > MAX_BODY_BYTES:
            self._refuse(_BODY_TOO_LARGE)
        else:
            super().on_body(body)

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(HEAD_TIMEOUT_S, self._refuse, _TOO_SLOW)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: str) -> None:
        self._stop_timer()
        self._in_head = False
        if not self.transport.is_closing():
            head = f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode("ascii"))
            self.transport.close()
