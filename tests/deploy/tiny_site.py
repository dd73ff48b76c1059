"""A site that only tells how it was asked, to see what nginx makes of a request."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class TinySite:
    """Answers with the headers it got; streams at ``/events``; breaks off while ``broken``."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        """Methods and paths, in order."""
        self.broken = False
        self.goes_on = threading.Event()
        """What the stream waits for between its first event and its second."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self.server.server_address[1]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append(f"{self.command} {self.path}")
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if site.broken:
                    self.close_connection = True
                elif self.path.endswith("/events"):
                    self._stream()
                else:
                    self._answer(json.dumps(self.headers.items()).encode())

            do_POST = do_GET  # noqa: N815 - http.server's name

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _stream(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                self.close_connection = True
                self.wfile.write(b"data: first\n\n")
                self.wfile.flush()
                site.goes_on.wait(20)
                self.wfile.write(b"data: second\n\n")

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        return Handler


@contextmanager
def tiny_site() -> Iterator[TinySite]:
    """Serve in threads until the block ends."""
    site = TinySite()
    thread = threading.Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.goes_on.set()
        site.server.shutdown()
        site.server.server_close()
        thread.join(10)
