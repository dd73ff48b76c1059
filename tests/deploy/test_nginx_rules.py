"""What nginx makes of a request on its way to the site, seen by a site that tells it."""

from __future__ import annotations

import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.scale.nginx import Nginx
from deploy.scale.ports import free_port
from deploy.scale.program import ScaleError, find
from tests.deploy.tiny_site import TinySite, tiny_site

LIES = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9",
    "Proxy": "evil.example",
    "X-Request-ID": "chosen by a client",
}


@dataclass(frozen=True)
class Line:
    """nginx, and two sites behind it."""

    address: str
    sites: tuple[TinySite, TinySite]

    def get(self, path: str, **arguments: object) -> httpx.Response:
        return httpx.get(self.address + path, timeout=20, trust_env=False, **arguments)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that nginx's workers may read: they run as another user, and pytest's are closed."""
    try:
        find("nginx", "nginx")
    except ScaleError as missing:
        pytest.skip(str(missing))
    with tempfile.TemporaryDirectory(prefix="chat-nginx-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def line(folder: Path, request: pytest.FixtureRequest) -> Iterator[Line]:
    """An nginx before two tiny sites. Its parameter is the origin under which people reach it."""
    with tiny_site() as one, tiny_site() as other:
        servers = [f"127.0.0.1:{one.port}", f"127.0.0.1:{other.port}"]
        origin = getattr(request, "param", "")
        static = folder / "static"
        nginx = Nginx(folder, free_port(), servers=servers, static=static, origin=origin)
        try:
            nginx.start()
            yield Line(nginx.address, (one, other))
        finally:
            nginx.stop()


def test_what_a_client_says_of_its_way_ends_here(line: Line) -> None:
    heard = {name.lower(): value for name, value in line.get("/", headers=LIES).json()}
    assert heard["x-forwarded-for"] == "127.0.0.1"
    assert heard["x-forwarded-proto"] == "http"
    assert heard["x-request-id"] != LIES["X-Request-ID"]
    gone = {"x-forwarded-host", "x-forwarded-port", "x-real-ip", "forwarded", "proxy"}
    assert not gone & heard.keys()


@pytest.mark.parametrize("line", ["https://chat.example.org"], indirect=True)
def test_behind_a_proxy_that_speaks_tls_the_site_is_told_so(line: Line) -> None:
    """Told that it was plain HTTP, the site would lead to HTTPS, for ever."""
    heard = {name.lower(): value for name, value in line.get("/").json()}
    assert heard["x-forwarded-proto"] == "https"


def test_only_sockets_are_upgraded_and_only_at_their_door(line: Line) -> None:
    asks = {"Connection": "Upgrade", "Upgrade": "websocket"}
    at_the_door = dict(line.get("/socket/", headers=asks).json())
    assert (at_the_door["Connection"], at_the_door["Upgrade"]) == ("upgrade", "websocket")
    for path, upgrade in (("/rooms/", "websocket"), ("/socket/", "h2c")):
        elsewhere = dict(line.get(path, headers=asks | {"Upgrade": upgrade}).json())
        assert not {"Connection", "Upgrade"} & elsewhere.keys()


def test_an_event_arrives_while_the_stream_goes_on(line: Line) -> None:
    with httpx.stream("GET", f"{line.address}/api/rooms/1/events", timeout=10) as stream:
        chunks = stream.iter_bytes()
        # The second is not sent before this has arrived.
        assert next(chunks) == b"data: first\n\n"
        for site in line.sites:
            site.goes_on.set()
        assert b"".join(chunks) == b"data: second\n\n"


def test_all_who_come_back_after_a_restart_are_let_in_at_once(line: Line) -> None:
    """nginx trusts a process again when a request to it has ended; a socket ends after hours."""
    for site in line.sites:
        site.broken = True
    assert line.get("/api/rooms/1/events").status_code == 502
    for site in line.sites:
        site.broken = False
    with ExitStack() as streams:
        for _ in range(6):
            stream = httpx.stream("GET", f"{line.address}/api/rooms/1/events", timeout=10)
            answer = streams.enter_context(stream)
            assert answer.status_code == 200
        for site in line.sites:
            site.goes_on.set()


def test_a_get_that_breaks_off_is_asked_elsewhere(line: Line) -> None:
    line.sites[0].broken = True
    assert [line.get("/rooms/").status_code for _ in range(4)] == [200] * 4
    assert line.sites[0].asked


def test_a_post_that_was_sent_is_never_sent_again(line: Line) -> None:
    for site in line.sites:
        site.broken = True
    answer = httpx.post(f"{line.address}/rooms/", content=b"x" * 100, timeout=20)
    assert answer.status_code == 502
    assert len(line.sites[0].asked) + len(line.sites[1].asked) == 1


def test_a_post_that_was_refused_goes_elsewhere(line: Line) -> None:
    line.sites[0].server.shutdown()
    line.sites[0].server.server_close()
    answers = [httpx.post(f"{line.address}/rooms/", content=b"x", timeout=20) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4


def test_a_head_has_an_end(line: Line) -> None:
    assert line.get("/", headers={"X-Long": "x" * 7_000}).status_code == 200
    assert line.get("/", headers={"X-Long": "x" * 9_000}).status_code == 400
    assert line.get("/", headers={"Cookie": "x" * 40_000}).status_code == 400


def test_a_body_has_an_end_before_it_is_read(line: Line) -> None:
    port = int(line.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        size = 300 * 1024 * 1024
        client.sendall(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 413 ")
    assert not line.sites[0].asked
    assert not line.sites[1].asked


def test_a_static_file_that_is_not_here_may_be_there(line: Line) -> None:
    """Pages of another version ask for its files, and a process of it has them."""
    answer = line.get("/static/chat/of-another-version.css")
    assert answer.status_code == 200
    assert ["GET /static/chat/of-another-version.css"] in [site.asked for site in line.sites]
    # What comes from the site has the site's headers alone.
    assert "x-content-type-options" not in answer.headers


def test_what_is_for_operators_is_not_there(line: Line) -> None:
    for path in ("/metrics", "/metrics/", "//metrics", "/rooms/../metrics", "/%6detrics"):
        assert line.get(path).status_code == 404, path
    assert not line.sites[0].asked


def test_with_tls_plain_http_only_leads_there(folder: Path) -> None:
    static = folder / "static"
    static.mkdir()
    (static / "plain.css").write_text("body {}")
    with tiny_site() as site:
        servers = [f"127.0.0.1:{site.port}"]
        nginx = Nginx(folder, free_port(), servers=servers, static=static, tls=True)
        try:
            nginx.start()
            trust = ssl.create_default_context(cafile=str(nginx.certificate))
            with httpx.Client(verify=trust, trust_env=False, timeout=20) as client:
                heard = dict(client.get(f"{nginx.address}/rooms/").json())
                sheet = client.get(f"{nginx.address}/static/plain.css")
                led = client.get(f"http://127.0.0.1:{nginx.plain_port}/rooms/?page=2")
        finally:
            nginx.stop()
    assert heard["X-Forwarded-Proto"] == "https"
    assert sheet.headers["strict-transport-security"] == "max-age=31536000"
    assert sheet.headers["cache-control"] == "max-age=60, public"
    assert (led.status_code, led.headers["location"]) == (308, f"{nginx.address}/rooms/?page=2")
    assert site.asked == ["GET /rooms/"]
