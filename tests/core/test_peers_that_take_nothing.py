"""A peer that sends and takes nothing back cannot fill the server's memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from chatsite.socket_protocol import SocketProtocol

HANDSHAKE = (
    b"GET /socket/ HTTP/1.1\r\nHost: chat\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Line(asyncio.Transport):
    """The server's end of a connection whose other end can be seen from here."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0
        self.closing = False

    def write(self, data: Any) -> None:
        self.written += len(data)

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Accepts, and reads to the end."""
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@pytest.fixture
async def opened() -> AsyncIterator[tuple[SocketProtocol, Line]]:
    """An open socket."""
    config = uvicorn.Config(application, ws_per_message_deflate=False, log_config=None)
    config.load()
    line = Line()
    protocol = SocketProtocol(config, ServerState(), {}, asyncio.get_running_loop())
    protocol.connection_made(line)
    protocol.data_received(HANDSHAKE)
    for _ in range(5):
        await asyncio.sleep(0)
    assert line.written
    yield protocol, line
    protocol.connection_lost(None)
    await asyncio.sleep(0)


def frame(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


async def test_a_ping_is_answered(opened: tuple[SocketProtocol, Line]) -> None:
    protocol, line = opened
    before = line.written
    protocol.data_received(frame(Opcode.PING, b"there?"))
    assert line.written == before + 2 + len(b"there?")


async def test_pings_of_a_peer_that_takes_no_answer_are_not_kept(
    opened: tuple[SocketProtocol, Line],
) -> None:
    protocol, line = opened
    protocol.pause_writing()
    before = line.written
    protocol.data_received(frame(Opcode.PING, b"x" * 125) * 1_000)
    assert line.written == before
    protocol.resume_writing()
    protocol.data_received(frame(Opcode.PING, b"there?"))
    assert line.written == before + 2 + len(b"there?")


async def test_a_message_in_endless_empty_pieces_is_refused(
    opened: tuple[SocketProtocol, Line],
) -> None:
    protocol, line = opened
    protocol.data_received(frame(Opcode.TEXT, b"[", fin=False))
    for _ in range(100):
        if not line.closing:
            protocol.data_received(frame(Opcode.CONT, b"", fin=False) * 1_000)
    assert line.closing
    assert len(protocol.frames) < 5_000
    assert protocol.conn.close_sent is not None
    assert protocol.conn.close_sent.code == 1009
