"""What is counted in Redis: counts that come late, and a Redis that cannot even be asked."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from chat import places
from chat.places import Places
from chat.redis import breaker
from chat.redis.breaker import Breaker
from chat.redis.counting import CountingRedis, counting_redis
from chat.redis.enter import place_key
from chatsite import environment

USER = 30_001
HOME = "192.0.2.7"


@pytest.fixture
def shared(tmp_path: Path, redis_url: str, settings: Settings) -> CountingRedis:
    settings.REDIS = environment.read(tmp_path, {"REDIS_URL": redis_url}).redis
    found = counting_redis()
    assert found is not None
    return found


async def test_a_count_that_reaches_redis_late_is_put_right(
    shared: CountingRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "ASK_TIMEOUT_S", 10.0)
    client = shared.async_client
    ask, asked = client.eval, 0
    goes_on = asyncio.Event()

    async def first_waits(*words: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 1:
            await goes_on.wait()
        return await ask(*words)

    monkeypatch.setattr(client, "eval", first_waits)
    here = Places()
    # The first sign of life writes everything; those after it only what is due.
    await here._beat(shared, write_all=False)
    first = asyncio.create_task(here.take(USER, HOME))
    await asyncio.sleep(0)
    # The second is counted in Redis before the first.
    assert await here.take(USER, HOME)
    goes_on.set()
    assert await first
    await here._beat(shared, write_all=False)
    assert await client.hget(place_key(("person", USER)), here._name) == b"2"
    assert await client.hget(place_key(("address", HOME)), here._name) == b"2"


async def test_without_redis_nothing_is_remembered_of_who_has_gone(settings: Settings) -> None:
    settings.REDIS = ()
    alone = Places()
    for number in range(3):
        assert await alone.take(USER + number, HOME)
        alone.leave(USER + number, HOME)
    assert not alone._counts
    assert not alone._due


def test_whatever_asking_redis_raises_it_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "PROBE_EVERY_S", 0.01)
    answers: list[Exception | None] = [OSError(), UnicodeError("a host that is no name"), None]

    def ping() -> None:
        if (answer := answers.pop(0)) is not None:
            raise answer

    resting = Breaker("redis://tests", ping)
    resting.failed(ConnectionError())
    deadline = time.monotonic() + 10
    while resting.is_resting:
        assert time.monotonic() < deadline, "It was never asked again."
        time.sleep(0.01)
