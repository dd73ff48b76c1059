"""One command serves the site, says where, and stops without a fuss."""

from __future__ import annotations

import re
import signal
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.setup.conftest import Site, free_port

Start = Callable[..., Site]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_prepares_serves_and_stops_with_success(
    start: Start, tmp_path: Path, signum: signal.Signals
) -> None:
    site = start()
    site.wait_until_it_serves()
    assert f"{site.address}/" in site.said
    status, _body = site.get("/healthz")
    assert status == 200
    assert site.stop(signum) == 0
    assert "Traceback" not in site.said
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600


def test_the_owners_link_is_offered_until_there_is_an_owner(start: Start) -> None:
    first = start()
    first.wait_until_it_serves()
    link = _owner_path(first)
    assert first.get(link)[0] == 200
    first.stop()
    second = start()
    second.wait_until_it_serves()
    # A new start, a new link; the one that was shown before has expired.
    assert _owner_path(second) != link
    assert second.get(link)[0] == 404


def test_static_files_have_hashed_names_and_are_kept_for_ever(start: Start) -> None:
    site = start()
    site.wait_until_it_serves()
    status, page = site.get("/accounts/login/")
    assert status == 200
    found = re.search(rb'/static/[^"]+\.[0-9a-f]{12}\.css', page)
    assert found
    with site.open(found[0].decode()) as sheet:
        assert sheet.status == 200
        assert "immutable" in sheet.headers["Cache-Control"]


def test_a_second_process_is_refused_and_the_first_goes_on(start: Start) -> None:
    first = start()
    first.wait_until_it_serves()
    second = start()
    assert second.exit_code() == 2
    assert "Traceback" not in second.said
    assert "Another server" in second.said
    assert first.address in second.said
    assert "REDIS_URL" in second.said
    assert "DATABASE_URL" in second.said
    assert first.get("/healthz")[0] == 200


def test_a_killed_server_leaves_no_lock_behind(start: Start) -> None:
    first = start()
    first.wait_until_it_serves()
    first.stop(signal.SIGKILL)
    second = start()
    second.wait_until_it_serves()
    assert second.stop() == 0


def test_with_redis_two_that_start_together_both_serve(start: Start, redis_url: str) -> None:
    sites = [start(REDIS_URL=redis_url) for _ in range(2)]
    for site in sites:
        site.wait_until_it_serves()
        assert site.get("/healthz")[0] == 200
    assert sum("Preparing the database" in site.said for site in sites) == 1
    assert [site.stop() for site in sites] == [0, 0]


def test_a_port_that_is_taken_is_told(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        site = start(PORT=str(port))
        assert site.exit_code() == 2
    assert f"port {port}" in site.said
    assert "PORT" in site.said
    assert "Traceback" not in site.said


@pytest.mark.parametrize(
    ("variables", "words"),
    [({"REGISTRATION": "maybe"}, "REGISTRATION"), ({"DATABASE_URL": "mysql://a/b"}, "mysql://")],
    ids=str,
)
def test_nonsense_stops_it_before_it_starts(
    start: Start, variables: dict[str, str], words: str
) -> None:
    site = start(**variables)
    assert site.exit_code() == 2
    assert words in site.said
    assert "Traceback" not in site.said


def test_a_file_that_is_no_database_is_told(start: Start, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "chat.sqlite3").write_text("This is a shopping list. " * 100)
    site = start()
    assert site.exit_code() == 2
    assert "The database cannot be used" in site.said
    assert "Traceback" not in site.said


def test_runserver_serves_the_same_site_on_daphne(start: Start) -> None:
    port = free_port()
    site = start("runserver", "--noreload", str(port), PORT=str(port))
    site.wait_until_it_serves("Quit the server")
    deadline = time.monotonic() + 10
    while not _listens(port):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "daphne" in site.said.lower()
    assert site.get("/healthz")[0] == 200


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _owner_path(site: Site) -> str:
    found = re.search(rf"{re.escape(site.address)}(/owner/\S+/)", site.said)
    assert found, site.said
    return found[1]
