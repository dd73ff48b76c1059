"""The log is quiet, and tells nothing that is not the operator's to read."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from tests.setup.conftest import Site

CANARY = "canary-9f31"


@pytest.fixture
def site(start: Callable[..., Site]) -> Site:
    site = start(LOG_LEVEL="DEBUG")
    site.wait_until_it_serves()
    return site


def send(site: Site, path: str, **headers: str) -> int:
    request = urllib.request.Request(site.address + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_foreign_host_is_refused_in_one_line(site: Site) -> None:
    before = len(site.said.splitlines())
    assert send(site, "/accounts/login/", Host="evil.example") == 400
    said = "\n".join(site.said.splitlines()[before:])
    assert "evil.example" in said
    assert "Traceback" not in said


def test_queries_and_cookies_are_not_in_the_log_even_at_its_loudest(site: Site) -> None:
    send(site, f"/nothing/?secret={CANARY}", Cookie=f"sessionid={CANARY}")
    send(site, f"/accounts/login/?next={CANARY}", Authorization=f"Bearer {CANARY}")
    site.stop()
    assert "/nothing/" in site.said
    assert CANARY not in site.said
