"""Only this site's own pages may open a socket; others are refused before a consumer exists."""

from __future__ import annotations

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.live.stage import Someone, Stage

REFUSED = (400, 403)
"""Ours is 403; a header that is no origin at all may be refused by the server itself."""


@pytest.fixture(scope="module")
def bob(stage: Stage) -> Someone:
    return stage.person("bob")


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://127.0.0.1:{port}",
        "ws://127.0.0.1:{port}",
        "http://127.0.0.1.evil.example:{port}",
        "http://evil.example:{port}",
        "http://127.0.0.1:{port}@evil.example",
        "http://user@127.0.0.1:{port}",
        "",
    ],
    ids=str,
)
async def test_a_foreign_origin_is_refused(origin: str | None, stage: Stage, bob: Someone) -> None:
    asked = None if origin is None else origin.format(port=stage.port)
    with pytest.raises(InvalidStatus) as refusal:
        await stage.connect(bob, origin=asked)
    assert refusal.value.response.status_code in REFUSED


async def test_two_origins_are_none(stage: Stage, bob: Someone) -> None:
    headers = {"Cookie": f"sessionid={bob.session}", "Origin": "http://evil.example"}
    with pytest.raises(InvalidStatus) as refusal:
        await stage.connect(bob, additional_headers=headers)
    assert refusal.value.response.status_code in REFUSED


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_sites_own_addresses_are_let_in(host: str, stage: Stage, bob: Someone) -> None:
    async with stage.window(bob, origin=f"http://{host}:{stage.port}") as window:
        await window.welcome()


@pytest.mark.parametrize("path", ["/", "/socket", "/socket/x/", "/rooms/"])
async def test_there_is_one_address_for_sockets(path: str, stage: Stage, bob: Someone) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        await connect(f"ws://127.0.0.1:{stage.port}{path}", origin=stage.address, proxy=None)
    assert refusal.value.response.status_code in (403, 404)


@pytest.mark.parametrize(
    "cookie", ["sessionid=", "sessionid=nonsense", "sessionid=" + "a" * 4000, ";;=;", "\xff"]
)
async def test_a_cookie_of_nobody_is_told_to_sign_in(cookie: str, stage: Stage) -> None:
    async with stage.window(None, additional_headers={"Cookie": cookie}) as window:
        assert await window.closed() == 4001
        assert window.heard == []
