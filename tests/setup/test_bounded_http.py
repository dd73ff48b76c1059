"""A request's head has an end, in bytes and in time; nobody can keep the server waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from chatsite import bounded_http
from tests.setup.conftest import free_port


async def hello(scope: dict[str, Any], receive: Any, send: Any) -> None:
    body = b""
    while (message := await receive()).get("more_body"):
        body += message["body"]
    size = str(len(body + message["body"])).encode()
    headers = [(b"content-length", str(len(size)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": size})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    port = free_port()
    config = uvicorn.Config(
        hello, port=port, http=bounded_http.BoundedHttp, ws="none", lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield port
    server.should_exit = True
    await serving


async def answer_to(port: int, *parts: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        return await asyncio.wait_for(reader.readline(), 10)
    except ConnectionResetError:
        return b"reset"
    finally:
        writer.close()


def request(header_bytes: int) -> bytes:
    return b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"x" * header_bytes + b"\r\n\r\n"


async def test_a_head_within_the_bound_is_answered(port: int) -> None:
    whole = request(bounded_http.MAX_HEAD_BYTES - 100)
    assert b"200" in await answer_to(port, whole[:1000], whole[1000:])


async def test_a_head_without_an_end_is_refused(port: int) -> None:
    lines = [b"x: " + b"y" * 8000 + b"\r\n"] * 20
    answer = await answer_to(port, b"GET / HTTP/1.1\r\nhost: a\r\n", *lines)
    assert b"431" in answer or answer == b"reset"


async def test_a_large_body_is_no_head(port: int) -> None:
    size = 4 * bounded_http.MAX_HEAD_BYTES
    head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % size
    assert b"200" in await answer_to(port, head + b"b" * size)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_without_an_end_is_refused(
    port: int, monkeypatch: pytest.MonkeyPatch, *, chunked: bool
) -> None:
    monkeypatch.setattr(bounded_http, "MAX_BODY_BYTES", 100_000)
    kind = b"transfer-encoding: chunked" if chunked else b"content-length: 9000000"
    part = b"2710\r\n" + b"b" * 10_000 + b"\r\n" if chunked else b"b" * 10_000
    head = b"POST / HTTP/1.1\r\nhost: a\r\n" + kind + b"\r\n\r\n"
    answer = await answer_to(port, head, *[part] * 20)
    assert b"413" in answer or answer == b"reset"


@pytest.mark.parametrize("start", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: a\r\n"], ids=repr)
async def test_who_never_finishes_is_let_go(
    port: int, monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_TIMEOUT_S", 0.2)
    assert b"408" in await answer_to(port, start)


async def test_a_second_request_that_never_ends_is_let_go_too(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_TIMEOUT_S", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(10))
    assert b"200" in await reader.readline()
    writer.write(b"GET / HTTP/1.1\r\n")
    rest = await asyncio.wait_for(reader.read(), 5)
    assert b"408" in rest
    writer.close()


async def test_a_slow_answer_is_not_cut(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_TIMEOUT_S", 0.1)
    head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head + b"bo")
    await asyncio.sleep(0.3)
    writer.write(b"dy")
    assert b"200" in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
