"""A WebSocket that costs next to nothing, so that a thousand fit on one core.

The handshake is written by hand and frames are told apart by their lengths. Live
messages go to the ledger undecoded; everything else (replies, ``welcome``, ``ping``)
is decoded and kept until somebody waits for it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket as sockets
import time
from collections import deque
from contextlib import suppress
from typing import Any, cast

from benchmarks import framing
from benchmarks.ledger import Ledger

# One buffer serves every socket: the loop reads into it and calls buffer_updated at once.
_SHARED = bytearray(256 * 1024)
_NARROW_BUFFER = 4_096
_NARROW_SEGMENT = 536


class RefusedError(RuntimeError):
    """The server said no where the benchmark expected yes, or closed the socket."""


class Socket(asyncio.BufferedProtocol):
    """One connection. ``received`` counts the live messages it got."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.received = 0
        self.kept: list[bytes] | None = None
        """Every live frame in full, on the few sockets that are watched."""
        self.closed: int | None = None
        self.number = 0
        self.heard_at = 0
        """When the last bytes arrived, in nanoseconds of the monotonic clock."""
        self._transport: asyncio.Transport
        self._rest = bytearray()
        self._open = False
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lost = asyncio.Event()
        self._frames: deque[dict[str, Any]] = deque()
        self._waiting: asyncio.Future[None] | None = None

    # --- What a scenario does with it

    def write(self, frame: bytes) -> None:
        """Send one ready-made frame."""
        self._transport.write(frame)

    def send(self, command: dict[str, Any]) -> None:
        """Send a command as JSON."""
        self.write(framing.encode(json.dumps(command).encode()))

    def next_number(self) -> int:
        """Return the id for the next command of this socket."""
        self.number += 1
        return self.number

    async def frame(self) -> dict[str, Any]:
        """Return the next frame that is not a live message. Raises ``RefusedError`` when closed."""
        while not self._frames:
            if self.closed is not None:
                raise RefusedError(f"the server closed the socket with {self.closed}")
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._frames.popleft()

    async def frame_of(self, kind: str, *, within: float = 30) -> dict[str, Any]:
        """Return the next frame of type ``kind``; others before it are dropped.

        Raises ``RefusedError`` for an ``error``, ``TimeoutError`` after ``within`` seconds.
        """
        async with asyncio.timeout(within):
            while True:
                frame = await self.frame()
                if frame["type"] == kind:
                    return frame
                if frame["type"] == "error":
                    raise RefusedError(f"the server answered {frame}")

    def watch(self) -> None:
        """Keep every live frame in full from now on."""
        self.kept = []

    def stop_reading(self) -> None:
        """Be the reader that never reads."""
        self._transport.pause_reading()

    async def hang_on(self, seconds: float) -> int | None:
        """Read again; return the code with which the server closed, None if it has not."""
        self._transport.resume_reading()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._lost.wait(), seconds)
        return self.closed

    @property
    def port(self) -> int:
        """The port of its own end."""
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    def close(self) -> None:
        """Hang up without a word."""
        self._transport.abort()

    # --- What the loop does with it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> bytearray:
        return _SHARED

    def buffer_updated(self, nbytes: int) -> None:
        self.heard_at = now = time.monotonic_ns()
        if self._rest:
            self._rest += _SHARED[:nbytes]
            data, end = self._rest, len(self._rest)
        else:
            data, end = _SHARED, nbytes
        at = 0 if self._open else self._read_handshake(data, end)
        while at < end and (head := framing.read_head(data, at, end)) is not None:
            at = head.end
            if head.opcode == framing.TEXT:
                self._read_text(data, head.start, head.end, now)
            elif head.opcode == framing.PING:
                self.write(framing.encode(bytes(data[head.start : head.end]), framing.PONG))
            elif head.opcode == framing.CLOSE:
                self.closed = int.from_bytes(data[head.start : head.start + 2])
        self._rest = data[at:end] if at < end else bytearray()

    def _read_text(self, data: bytearray, start: int, end: int, now: int) -> None:
        count = self.ledger.note(data, start, end, now)
        if not count:
            self._frames.append(json.loads(data[start:end]))
            self._wake()
            return
        self.received += count
        if self.kept is not None:
            self.kept.append(bytes(data[start:end]))

    def _read_handshake(self, data: bytearray, end: int) -> int:
        blank = data.find(b"\r\n\r\n", 0, end)
        if blank < 0:
            return 0
        status = bytes(data[: data.find(b"\r\n", 0, end)])
        if b" 101 " not in status:
            self._opened.set_exception(RefusedError(f"no WebSocket: {bytes(data[:end])!r}"))
            self._transport.abort()
            return end
        self._open = True
        self._opened.set_result(None)
        return blank + 4

    def connection_lost(self, exc: Exception | None) -> None:
        if self.closed is None:
            self.closed = 1006
        if not self._opened.done():
            self._opened.set_exception(RefusedError("the server hung up during the handshake"))
        self._lost.set()
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    # --- The handshake

    async def open(self, host: str, port: int, path: str, headers: dict[str, str]) -> None:
        """Ask for the WebSocket and wait until it is one. Raises ``RefusedError``."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self._transport.write("\r\n".join([*lines, "", ""]).encode())
        await self._opened


async def connect(
    ledger: Ledger,
    port: int,
    path: str,
    headers: dict[str, str],
    *,
    narrow: bool = False,
) -> Socket:
    """Open one WebSocket to the server on ``port``.

    A ``narrow`` one has so little room in both kernels that a reader who stops is felt
    after about 100 kB, and not after megabytes as usual on loopback.
    """
    line = sockets.socket(sockets.AF_INET, sockets.SOCK_STREAM)
    line.setblocking(False)
    line.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
    if narrow:
        line.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, _NARROW_BUFFER)
        # The server's kernel sizes its buffer by the segments that the client takes.
        line.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_MAXSEG, _NARROW_SEGMENT)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(line, ("127.0.0.1", port))
    _, socket = await loop.create_connection(lambda: Socket(ledger), sock=line)
    await socket.open("127.0.0.1", port, path, headers)
    return socket
