"""What is sent in parts is read in good pieces: few hops for a file, bounded memory for a lot."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context

from chatsite import http


async def _pieces(parts: Iterator[bytes]) -> list[bytes]:
    return [piece async for piece in http._read(copy_context(), parts)]


async def test_a_small_file_is_one_piece() -> None:
    assert await _pieces(iter([b"a", b"", b"b"])) == [b"ab"]


async def test_nothing_is_no_piece() -> None:
    assert await _pieces(iter([])) == []


async def test_a_lot_comes_piece_by_piece_and_is_never_there_as_a_whole() -> None:
    part, made = b"x" * 1000, 0

    def parts() -> Iterator[bytes]:
        nonlocal made
        for _ in range(2000):
            made += 1
            yield part

    taken = 0
    async for piece in http._read(copy_context(), parts()):
        taken += len(piece)
        assert made * len(part) - taken < http.PIECE_BYTES
        assert len(piece) <= http.PIECE_BYTES + len(part)
    assert taken == 2000 * len(part)
