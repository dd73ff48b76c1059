"""Two processes behind the real nginx: what people send arrives, also while one of them stops."""

from __future__ import annotations

import asyncio
import re
import signal
import threading
import time
from contextlib import AsyncExitStack
from queue import SimpleQueue
from typing import Any

import httpx
import pytest

from deploy.scale.__main__ import attend, greeting
from tests.deploy.conftest import SOCKETS_OF_AN_ADDRESS, Site
from tests.live.house import Someone

MIB = 1024 * 1024
GONE_S = 10.0
SECURITY_HEADERS = (
    *("x-content-type-options", "referrer-policy", "cross-origin-resource-policy"),
    *("content-security-policy", "x-frame-options", "cache-control"),
)


def get(site: Site, path: str, **arguments: object) -> httpx.Response:
    return httpx.get(site.address + path, timeout=30, trust_env=False, **arguments)


def test_a_page_and_its_headers_come_once(site: Site) -> None:
    page = get(site, "/accounts/login/")
    assert page.status_code == 200
    for name in SECURITY_HEADERS:
        assert len(page.headers.get_list(name)) == 1, name


def test_static_files_come_compressed_and_stay_for_ever(site: Site) -> None:
    [path] = re.findall(r'/static/chat/css/[^"]+\.css', get(site, "/accounts/login/").text)[:1]
    sheet = get(site, path, headers={"Accept-Encoding": "gzip"})
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert sheet.headers["cache-control"] == "max-age=315360000, public, immutable"
    assert sheet.headers.get_list("x-content-type-options") == ["nosniff"]
    largest = max((site.cluster.folder / "static").rglob("*.css.gz"), key=_size)
    name = largest.relative_to(site.cluster.folder / "static").as_posix().removesuffix(".gz")
    assert get(site, f"/static/{name}").headers["content-encoding"] == "gzip"


def test_figures_are_not_for_outside(site: Site) -> None:
    assert get(site, "/metrics").status_code == 404
    # Past nginx they are there, so it is nginx that keeps them in.
    assert site.cluster.apps[0].status("/metrics") == 200
    assert get(site, "/healthz").status_code == 200


async def test_a_post_through_nginx_is_heard_in_every_window(site: Site) -> None:
    ada, bob = site.people("ada", "bob")
    room = site.room(ada, bob)
    async with site.window(ada) as hers, site.window(bob) as his:
        await hers.follow(room)
        await his.follow(room)
        await hers.say(room, "Is anybody there?", "nonce-through")
        await his.hear_message(room, "Is anybody there?", within=5)


async def test_whatever_a_client_says_of_its_address_it_stays_one(site: Site) -> None:
    *cast, last = site.people(*["ada"] * (SOCKETS_OF_AN_ADDRESS + 1))

    def window(person: Someone, number: int) -> Any:
        headers = {
            "Cookie": f"sessionid={person.session}",
            "X-Forwarded-For": f"203.0.113.{number}",
        }
        return site.window(person, additional_headers=headers)

    async with AsyncExitStack() as windows:
        # One after the other: which of two processes counts a socket first is chance. And those
        # of the test before may still be on their way out.
        deadline = time.monotonic() + GONE_S
        while cast:
            opened = await windows.enter_async_context(window(cast[-1], len(cast)))
            try:
                await opened.welcome()
            except AssertionError:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)
            else:
                cast.pop()
        refused = await windows.enter_async_context(window(last, 99))
        assert await refused.closed() == 4029


@pytest.mark.parametrize(("mebibytes", "status"), [(25, 403), (300, 413)])
def test_uploads_have_an_end(site: Site, mebibytes: int, status: int) -> None:
    """25 MiB reach the site, which refuses them for want of a token; nginx refuses the rest."""

    def body() -> object:
        for _ in range(mebibytes):
            yield b"x" * MIB

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    size = {"Content-Length": str(mebibytes * MIB)}
    with httpx.Client(timeout=60, trust_env=False) as client:
        try:
            answer = client.post(f"{site.address}/profile/", content=body(), headers=headers | size)
        except httpx.WriteError:
            # nginx answers from the head alone, and closes on who sends on nevertheless.
            assert status == 413
            return
    assert answer.status_code == status
    assert ("nginx" in answer.text) == (status == 413)


def test_one_process_is_killed_and_the_next_request_is_served(site: Site) -> None:
    app = site.cluster.apps[0]
    app.kill()
    try:
        statuses = [get(site, "/accounts/login/").status_code for _ in range(6)]
    finally:
        app.start()
        # nginx forgives it after a second; the next test stops the other one.
        time.sleep(1.5)
    assert statuses == [200] * 6


async def test_a_rolling_restart_fails_no_request_and_loses_no_socket_for_long(site: Site) -> None:
    cluster = site.cluster
    ada = site.person("ada")
    pids = [app.pid for app in cluster.apps]
    asked: SimpleQueue[int] = SimpleQueue()
    asked.put(signal.SIGHUP)
    asked.put(signal.SIGINT)
    roll = asyncio.create_task(asyncio.to_thread(attend, cluster, asked))
    failed: list[object] = []
    served = 0
    async with httpx.AsyncClient(base_url=site.address, timeout=20, trust_env=False) as client:
        async with site.window(ada) as window:
            await window.welcome()
            while not roll.done():
                for method in ("GET", "POST"):
                    answer = await client.request(method, "/accounts/login/")
                    # Without a token a form is refused, by the site.
                    if answer.status_code == (200 if method == "GET" else 403):
                        served += 1
                    else:
                        failed.append((method, answer.status_code))
                await asyncio.sleep(0.02)
            assert await window.closed() == 4012
        await roll
        async with site.window(ada) as window:
            await window.welcome()
    assert [app.pid for app in cluster.apps] != pids
    assert all(app.status("/readyz") == 200 for app in cluster.apps)
    assert failed == []
    assert served > 50


def test_the_terminal_says_where_it_is_and_how_to_own_it(site: Site) -> None:
    said = greeting(site.cluster)
    assert f"{site.address}/\n" in said
    [link] = re.findall(rf"{site.address}(/owner/\S+)", said)
    assert get(site, link).status_code == 200
    assert "kill -HUP" in said
    assert threading.active_count() < 50


def _size(path: object) -> int:
    return path.stat().st_size  # type: ignore[attr-defined,no-any-return]
