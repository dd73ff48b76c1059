"""Limits hold for all processes together, by what they count in Redis; without it, for each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from chat.places import ALIVE_FOR_S
from tests.live.backstage import PASSWORD
from tests.live.stage import Someone, Stage, free_port
from tests.live.window import Window
from tests.own_redis import OwnRedis

PER_PERSON, PER_ADDRESS, BURST = 3, 5, 4
TOO_FAST = 4029


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    redis = OwnRedis(tmp_path_factory.mktemp("limits-redis"))
    redis.start()
    yield redis
    redis.end()


@pytest.fixture(scope="module")
def stages(
    tmp_path_factory: pytest.TempPathFactory, redis: OwnRedis
) -> Iterator[tuple[Stage, Stage]]:
    """Two servers on one store, with limits that are reached soon."""
    folder = tmp_path_factory.mktemp("limits")
    limits = {
        "REDIS_URL": redis.url,
        "CONNECTIONS_PER_PERSON": str(PER_PERSON),
        "CONNECTIONS_PER_ADDRESS": str(PER_ADDRESS),
        "POSTS_BURST": str(BURST),
        # People come from addresses of their own.
        "TRUSTED_PROXIES": "1",
    }
    first = Stage(folder, **limits)
    second = Stage(folder, PORT=str(free_port()), **limits)
    second.port = int(second.environment["PORT"])
    try:
        first.start()
        second.start()
        yield first, second
    finally:
        first.end()
        second.end()


async def enter(
    stack: AsyncExitStack, stage: Stage, person: Someone, address: str
) -> Window | None:
    """Open a window from an address; None where there is no place for it."""
    headers = {"Cookie": f"sessionid={person.session}", "X-Forwarded-For": address}
    window = await stack.enter_async_context(stage.window(person, additional_headers=headers))
    frame = await window.hear(lambda frame: frame["type"] in ("welcome", "notice"))
    if frame["type"] == "welcome":
        return window
    assert await window.closed() == TOO_FAST
    return None


async def enters_within(seconds: float, stage: Stage, person: Someone, address: str) -> float:
    """Try until there is a place; return how long it took."""
    since = time.monotonic()
    while True:
        async with AsyncExitStack() as stack:
            if await enter(stack, stage, person, address):
                return time.monotonic() - since
        assert time.monotonic() - since < seconds, "The places were never given back."
        await asyncio.sleep(0.2)


async def test_a_person_has_three_windows_in_both_processes_together(
    stages: tuple[Stage, Stage],
) -> None:
    first, second = stages
    bob = first.person("bob")
    async with AsyncExitStack() as stack:
        for number, stage in enumerate((first, second, first)):
            assert await enter(stack, stage, bob, f"192.0.2.{number}")
        for number, stage in enumerate(stages):
            assert await enter(stack, stage, bob, f"192.0.2.1{number}") is None
        # Nobody else is held back by that, nor by what was refused.
        assert await enter(stack, second, first.person("ada"), "192.0.2.10")
    await enters_within(5, second, bob, "192.0.2.20")


async def test_an_address_has_five_windows_in_both_processes_together(
    stages: tuple[Stage, Stage],
) -> None:
    first, second = stages
    people = first.people("ada", "bob", "eve", "dan", "kim", "lin")
    async with AsyncExitStack() as stack:
        for person, stage in zip(people, (first, second, first, second, first), strict=False):
            assert await enter(stack, stage, person, "198.51.100.1")
        assert await enter(stack, second, people[-1], "198.51.100.1") is None
        assert await enter(stack, second, people[-1], "198.51.100.2")


async def test_ten_that_come_at_once_do_not_slip_through(stages: tuple[Stage, Stage]) -> None:
    first, second = stages
    eve = first.person("eve")
    async with AsyncExitStack() as stack:
        came = await asyncio.gather(
            *(enter(stack, (first, second)[n % 2], eve, f"203.0.113.{n}") for n in range(10))
        )
        # Two that ask at the same moment may refuse each other; none may slip through.
        assert 1 <= sum(window is not None for window in came) <= PER_PERSON


async def test_a_killed_process_leaves_no_place_taken(stages: tuple[Stage, Stage]) -> None:
    first, second = stages
    bob = first.person("bob")
    async with AsyncExitStack() as stack:
        for number in range(PER_PERSON):
            assert await enter(stack, second, bob, f"192.0.2.3{number}")
        assert await enter(stack, first, bob, "192.0.2.40") is None
        second.kill()
        await enters_within(ALIVE_FOR_S + 3, first, bob, "192.0.2.41")
    second.start()


async def test_without_redis_each_process_counts_for_itself_and_then_again_together(
    stages: tuple[Stage, Stage], redis: OwnRedis
) -> None:
    first, second = stages
    bob = first.person("bob")
    async with AsyncExitStack() as stack:
        redis.kill()
        for number in range(PER_PERSON):
            assert await enter(stack, first, bob, f"192.0.2.5{number}")
        assert await enter(stack, first, bob, "192.0.2.60") is None
        assert await enter(stack, second, bob, "192.0.2.61")
        redis.start()
        # What was taken meanwhile is told to the new Redis: four, where three are allowed.
        deadline = time.monotonic() + 10
        while await enter(stack, second, bob, "192.0.2.62"):
            assert time.monotonic() < deadline, "The second never heard of the first's."
            await asyncio.sleep(0.5)


async def test_posts_are_throttled_in_both_processes_together(stages: tuple[Stage, Stage]) -> None:
    first, second = stages
    ada = first.person("ada")
    room = first.room(ada)
    async with first.window(ada) as here, second.window(ada) as there:
        for number in range(BURST):
            await (here, there)[number % 2].say(room, f"Number {number}.", f"nonce-{number:03d}")
        for window in (here, there):
            answer = await window.ask("post", room=room, nonce="nonce-100", body="And more.")
            assert answer["code"] == "throttled"
            assert 0 < answer["retry_after"] <= 10


async def test_failed_sign_ins_are_counted_in_both_processes_together(
    stages: tuple[Stage, Stage],
) -> None:
    first, second = stages
    kim = first.person("kim", password=True)
    page = "/accounts/login/"

    async def sign_in(stage: Stage, password: str) -> int:
        async with stage.browser() as browser:
            answer = await browser.submit(page, page, login=kim.name, password=password)
            return answer.status_code

    for number in range(5):
        assert await sign_in((first, second)[number % 2], "wrong horse") == 200
    # The sixth is refused in either process, though the password is right.
    assert await sign_in(first, PASSWORD) == 200
    assert await sign_in(second, PASSWORD) == 200
    other = first.person("lin", password=True)
    async with second.browser() as browser:
        answer = await browser.submit(page, page, login=other.name, password=PASSWORD)
    assert answer.status_code == 302
