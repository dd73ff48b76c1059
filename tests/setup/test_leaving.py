"""With ``DRAIN_SECONDS`` a server that stops lets proxies see it first, and refuses nobody yet."""

from __future__ import annotations

import http.client
import signal
import time
from collections.abc import Callable

from tests.setup.conftest import Site

Start = Callable[..., Site]
DRAIN_S = 3


def test_first_readyz_says_so_then_it_stops(start: Start) -> None:
    site = start(DRAIN_SECONDS=str(DRAIN_S))
    site.wait_until_it_serves()
    assert site.get("/readyz")[0] == 200
    kept = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    assert _ask(kept, "/accounts/login/") == (200, None)
    asked = time.monotonic()
    site._process.send_signal(signal.SIGTERM)
    while site.get("/readyz")[0] != 503:
        assert time.monotonic() < asked + DRAIN_S, "It stopped without a word."
    # A connection that was kept is served once more, and then no more; newcomers are served.
    assert _ask(kept, "/accounts/login/") == (200, "close")
    assert site.get("/accounts/login/")[0] == 200
    assert site.exit_code() == 0
    assert time.monotonic() - asked >= DRAIN_S
    assert "Traceback" not in site.said


def test_asked_twice_it_does_not_wait(start: Start) -> None:
    site = start(DRAIN_SECONDS="60")
    site.wait_until_it_serves()
    site._process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    while site.get("/readyz")[0] != 503:
        assert time.monotonic() < asked + 20, "It does not say that it stops."
        time.sleep(0.05)
    assert site.stop() == 0


def _ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, str | None]:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.getheader("connection")
