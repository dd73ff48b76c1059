"""A server whose clock is an hour off shares limits and bells with the others all the same."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from pytest_django import Settings

from chat import throttle
from chat.errors import ThrottledError
from chat.places import Places
from chatsite import environment
from tests.setup.test_redis_layer_idle import layer_of

HOUR_S = 3600


@pytest.fixture
def _shared(tmp_path: Path, redis_url: str, settings: Settings) -> None:
    settings.REDIS = environment.read(tmp_path, {"REDIS_URL": redis_url}).redis
    settings.POSTS_BURST, settings.POSTS_PER_MINUTE = 3, 100
    throttle._post_limits.cache_clear()


@pytest.fixture(params=[HOUR_S, -HOUR_S], ids=["ahead", "behind"])
def shift(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A clock that can be set wrong for a while, for everything in this process."""
    offset, real = [0, request.param], time.time
    monkeypatch.setattr(time, "time", lambda: real() + offset[0])
    return offset


@pytest.mark.usefixtures("_shared")
async def test_posts_are_counted_together_whatever_the_clocks_say(shift: list[int]) -> None:
    user = 10_000 + abs(shift[1] + 1)
    for turn in range(3):
        shift[0] = shift[1] * (turn % 2)
        await throttle.athrottle_post(user, is_guest=False)
    for offset in (0, shift[1]):
        shift[0] = offset
        with pytest.raises(ThrottledError) as refusal:
            await throttle.athrottle_post(user, is_guest=False)
        assert refusal.value.retry_after is not None
        assert 0 < refusal.value.retry_after <= throttle.BURST_WINDOW_S + 1


@pytest.mark.usefixtures("_shared")
async def test_places_are_counted_together_whatever_the_clocks_say(
    shift: list[int], settings: Settings
) -> None:
    settings.CONNECTIONS_PER_PERSON, settings.CONNECTIONS_PER_ADDRESS = 2, 100
    right, wrong = Places(), Places()
    beating = [asyncio.create_task(right.run())]
    shift[0] = shift[1]
    beating.append(asyncio.create_task(wrong.run()))
    await asyncio.sleep(0.2)
    user = 20_000 + abs(shift[1] + 1)
    assert await wrong.take(user, "192.0.2.1")
    shift[0] = 0
    assert await right.take(user, "192.0.2.2")
    assert not await right.take(user, "192.0.2.3")
    shift[0] = shift[1]
    assert not await wrong.take(user, "192.0.2.4")
    for task in beating:
        task.cancel()
    await asyncio.wait(beating)


async def test_a_bell_rung_by_a_wrong_clock_is_heard(
    tmp_path: Path, redis_url: str, shift: list[int]
) -> None:
    hearer, teller = layer_of(tmp_path, redis_url), layer_of(tmp_path, redis_url)
    channel = await hearer.new_channel()
    await hearer.group_add("room.7", channel)
    shift[0] = shift[1]
    await teller.group_send("room.7", {"type": "changes"})
    shift[0] = 0
    assert await asyncio.wait_for(hearer.receive(channel), 2) == {"type": "changes"}
    await hearer.flush()
    await teller.flush()
