"""uvloop says ``RuntimeError`` of a line that was reset; to us it is a line that is lost."""

from __future__ import annotations

from typing import Any

import pytest

from chat.announce import LAYER_ERRORS
from chat.redis.breaker import REDIS_ERRORS
from chat.redis.shard import LineDownError, Shard

CLOSED = "unable to perform operation on <TCPTransport closed=True>; the handler is closed"


class ResetLine:
    """What redis-py has of a line whose other end has just reset it."""

    async def _write(self, *words: Any) -> None:
        raise RuntimeError(CLOSED)

    publish = subscribe = unsubscribe = _write


@pytest.fixture
def shard() -> Shard:
    """A shard that was connected until now."""
    shard = Shard(address=None, hear=print, back=print)  # type: ignore[arg-type]
    shard._teller = shard._line = ResetLine()  # type: ignore[assignment]
    # Nothing else is to happen meanwhile.
    shard.want = shard._wanted.add  # type: ignore[method-assign]
    return shard


@pytest.mark.parametrize(
    ("call", "words"),
    [("publish", ("room", b"")), ("subscribe", ("room",)), ("unsubscribe", ("room",))],
)
async def test_who_speaks_on_a_reset_line_is_told_that_it_is_down(
    shard: Shard, call: str, words: tuple[Any, ...]
) -> None:
    with pytest.raises(LineDownError) as told:
        await getattr(shard, call)(*words)
    assert isinstance(told.value, LAYER_ERRORS)


def test_whoever_counts_in_redis_takes_it_for_a_redis_that_is_away() -> None:
    assert isinstance(RuntimeError(CLOSED), REDIS_ERRORS)
