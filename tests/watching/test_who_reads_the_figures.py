"""The figures are for this machine, and for who has the token. Nobody else learns they exist."""

from __future__ import annotations

from typing import Any

import pytest

from tests.watching.conftest import Asker

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a token that nobody can guess"


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


async def status(asker: Asker, **asked: Any) -> int:
    """Return what /metrics answers; 0 where the site was asked, which says 404."""
    return (await asker.get("/metrics", **asked)).status


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"host": "localhost:8000"},
        {"peer": "::1", "host": "[::1]:8000"},
        {"peer": "203.0.113.9", "host": "chat.example", "authorization": f"Bearer {TOKEN}"},
        {"x_forwarded_for": "203.0.113.9", "authorization": f"Bearer {TOKEN}"},
    ],
    ids=str,
)
async def test_it_is_shown(asker: Asker, asked: dict[str, str]) -> None:
    answer = await asker.get("/metrics", **asked)
    assert answer.status == 200
    assert b"\nchat_sockets 0.0\n" in answer.body
    assert b'\nchat_state{state="ready"} 1.0\n' in answer.body


@pytest.mark.parametrize(
    "asked",
    [
        {"peer": "203.0.113.9"},
        {"peer": "10.0.0.7"},
        {"peer": ""},
        {"x_forwarded_for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"x_real_ip": "127.0.0.1"},
        # A proxy that says nothing of itself passes the name on; so does a page whose own
        # name points here.
        {"host": "chat.example"},
        {"peer": "203.0.113.9", "authorization": "Bearer something else"},
        {"peer": "203.0.113.9", "authorization": TOKEN},
        {"peer": "203.0.113.9", "authorization": "Bearer "},
        {"peer": "203.0.113.9", "authorization": "Bearer ünï"},
    ],
    ids=ascii,
)
async def test_it_is_as_if_it_did_not_exist(asker: Asker, asked: dict[str, str]) -> None:
    assert await status(asker, **asked) == 0
    assert asker.asked_the_site == 1


async def test_without_a_token_no_token_opens_it(asker: Asker, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert await status(asker, peer="203.0.113.9", authorization="Bearer ") == 0
    assert await status(asker) == 200
