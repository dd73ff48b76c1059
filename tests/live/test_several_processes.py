"""Two processes on one store, with Redis between them, are one site."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.live.stage import Stage, free_port

IDLE_S = 15
"""Three times what redis-py 8 takes for a dead line unless told otherwise."""


@pytest.fixture(scope="module")
def stages(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str
) -> Iterator[tuple[Stage, Stage]]:
    """Two servers with the same data and the same Redis."""
    folder = tmp_path_factory.mktemp("several")
    first = Stage(folder, REDIS_URL=redis_url)
    second = Stage(folder, REDIS_URL=redis_url, PORT=str(free_port()))
    second.port = int(second.environment["PORT"])
    try:
        first.start()
        second.start()
        yield first, second
    finally:
        first.end()
        second.end()
    assert "Traceback" not in first.said


async def test_sockets_idle_for_15_seconds_hear_each_other_across_processes(
    stages: tuple[Stage, Stage],
) -> None:
    first, second = stages
    ada, bob = first.people("ada", "bob")
    room = first.room(ada, bob)
    async with first.window(ada) as here, second.window(bob) as there:
        await here.follow(room)
        await there.follow(room)
        # Nothing at all is said for so long: this is what used to kill idle sockets.
        await asyncio.sleep(IDLE_S)
        await here.say(room, "Is anybody there?", "nonce-across")
        await there.hear_message(room, "Is anybody there?", within=2)
        await there.say(room, "Yes.", "nonce-back")
        await here.hear_message(room, "Yes.", within=2)


async def test_a_session_ended_in_one_process_closes_the_window_in_the_other(
    stages: tuple[Stage, Stage],
) -> None:
    first, second = stages
    bob, eve = first.people("bob", "eve")
    async with second.window(bob) as window, second.window(eve) as other:
        await window.welcome()
        await other.welcome()
        async with first.browser(bob) as browser:
            await browser.submit("/accounts/logout/")
        assert await window.closed(within=2) == 4001
        assert await other.is_alive()
