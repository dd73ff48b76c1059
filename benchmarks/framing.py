"""WebSocket frames as bytes (RFC 6455), with no more than a load client needs."""

from __future__ import annotations

from typing import NamedTuple

TEXT = 0x1
CLOSE = 0x8
PING = 0x9
PONG = 0xA
_FIN = 0x80
_MASKED = 0x80
# RFC 6455, 5.3 wants each key unpredictable, for the sake of proxies; there is none here.
# With a key of zeros the masked payload is the payload: the client saves its time, and
# the server unmasks as it always does.
_KEY = b"\0\0\0\0"


class Head(NamedTuple):
    """What the first bytes of a frame say: its kind, and where its payload is."""

    opcode: int
    start: int
    end: int


def encode(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return one whole frame as a client sends it."""
    size = len(payload)
    if size < 126:
        head = bytes((_FIN | opcode, _MASKED | size))
    elif size < 65_536:
        head = bytes((_FIN | opcode, _MASKED | 126)) + size.to_bytes(2)
    else:
        head = bytes((_FIN | opcode, _MASKED | 127)) + size.to_bytes(8)
    return head + _KEY + payload


def read_head(data: bytearray, at: int, end: int) -> Head | None:
    """Read the frame that begins at ``at``; None if it is not whole before ``end``.

    Raises ``ValueError`` for a fragment or a masked frame: neither server sends one.
    """
    if end - at < 2:
        return None
    first, size = data[at], data[at + 1]
    if not first & _FIN or size & _MASKED:
        raise ValueError("the server sent a fragment or a masked frame")
    start = at + 2
    if size == 126:
        start = at + 4
        size = int.from_bytes(data[at + 2 : start])
    elif size == 127:
        start = at + 10
        size = int.from_bytes(data[at + 2 : start])
    if start > end or start + size > end:
        return None
    return Head(first & 0x0F, start, start + size)
