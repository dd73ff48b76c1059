"""Redis killed, gone, frozen, silent, or cutting its listeners: two processes go on as one site.

Posts are acknowledged as fast as ever; what is told late is found by the heads; nobody is deaf
afterwards. What Redis is for the process in the meantime can be asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from tests.figures import Tell
from tests.live.stage import Stage, free_port
from tests.live.window import Window
from tests.own_redis import OwnRedis

ACKNOWLEDGED_WITHIN_S = 1.0
DELIVERED_WITHIN_S = 10.0
HEARD_AGAIN_WITHIN_S = 8.0
"""After Redis is back; the line is opened anew every three seconds at least."""
BELL_S = 1.0
"""The heads are looked at every five seconds: what comes sooner five times over was rung."""
AWAY_S = 4.0
NO_LIMITS = {"POSTS_PER_MINUTE": "100000", "POSTS_BURST": "100000"}


class Pair:
    """Two servers on one store and one Redis, and a room with a window on each of them."""

    def __init__(self, first: Stage, second: Stage, redis: OwnRedis) -> None:
        self.first, self.second, self.redis = first, second, redis
        self._numbers = iter(range(10**6))

    @asynccontextmanager
    async def talk(self) -> AsyncIterator[Talk]:
        ada, bob = self.first.people("ada", "bob")
        room = self.first.room(ada, bob)
        async with self.first.window(ada) as here, self.second.window(bob) as there:
            await here.follow(room)
            await there.follow(room)
            yield Talk(room, here, there, self._numbers)


class Talk:
    """Ada on the first server talks to bob on the second."""

    def __init__(self, room: int, here: Window, there: Window, numbers: Iterator[int]) -> None:
        self.room, self.here, self.there = room, here, there
        self._numbers = numbers
        self.said: list[str] = []
        self.waits: list[float] = []

    async def say(self, window: Window | None = None) -> str:
        """Post, and note how long its acknowledgement took."""
        text = f"Message {next(self._numbers)}"
        since = time.monotonic()
        await (window or self.here).say(self.room, text, f"nonce-{text[8:]:0>8}")
        self.waits.append(time.monotonic() - since)
        self.said.append(text)
        return text

    async def go_on(self, until: asyncio.Event) -> None:
        """Talk, twenty times a second at most."""
        while not until.is_set():
            await self.say()
            await asyncio.sleep(0.05)

    async def is_rung_for(self, *, within: float) -> float:
        """Return after how long five posts in a row were told at once, in both directions."""
        since, in_a_row = time.monotonic(), 0
        while in_a_row < 5:
            assert time.monotonic() - since < within, "One of them stayed deaf."
            text = await self.say()
            back = await self.say(self.there)
            told = await self.shows(self.there, text) and await self.shows(self.here, back)
            in_a_row = in_a_row + 1 if told else 0
        return time.monotonic() - since

    async def shows(self, window: Window, text: str, within: float = BELL_S) -> bool:
        """Whether a window has this text within some seconds."""
        deadline = time.monotonic() + within
        while text not in self.view(window):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.01)
        return True

    def view(self, window: Window) -> list[str]:
        """What a window shows of the room, in order."""
        frames = [f for f in window.heard if f["type"] == "changes" and f["room"] == self.room]
        found = {m["seq"]: m["body"] for frame in frames for m in frame["messages"]}
        return [found[seq] for seq in sorted(found)]

    async def all_heard(self, window: Window, *, within: float) -> None:
        """Return once a window has everything that was acknowledged, each once and in order."""
        async with asyncio.timeout(within):
            while self.view(window) != self.said:
                await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("away")
    redis = OwnRedis(folder)
    redis.start()
    first = Stage(folder, REDIS_URL=redis.url, **NO_LIMITS)
    second = Stage(folder, REDIS_URL=redis.url, PORT=str(free_port()), **NO_LIMITS)
    second.port = int(second.environment["PORT"])
    try:
        first.start()
        second.start()
        yield Pair(first, second, redis)
    finally:
        first.end()
        second.end()
        redis.end()
    assert "Traceback" not in first.said


@contextmanager
def killed(redis: OwnRedis) -> Iterator[None]:
    redis.kill()
    try:
        yield
    finally:
        redis.start()


FAULTS: dict[str, tuple[Callable[[OwnRedis], object], float]] = {
    "killed and back in 0.3 s": (killed, 0.3),
    "gone for seconds": (killed, AWAY_S / 2),
    "frozen": (OwnRedis.frozen, AWAY_S),
    "silent": (OwnRedis.silent, AWAY_S),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_two_processes_stand_a_redis_that_is(name: str, pair: Pair, tell: Tell) -> None:
    fault, seconds = FAULTS[name]
    async with pair.talk() as talk:
        await talk.say()
        over = asyncio.Event()
        talking = asyncio.create_task(talk.go_on(over))
        with fault(pair.redis):  # type: ignore[attr-defined]
            await asyncio.sleep(seconds)
        over.set()
        await talking
        during = sorted(talk.waits)
        healed = await talk.is_rung_for(within=HEARD_AGAIN_WITHIN_S + 5 * BELL_S)
        await talk.all_heard(talk.there, within=DELIVERED_WITHIN_S)
        await talk.all_heard(talk.here, within=DELIVERED_WITHIN_S)
    p99 = during[int(len(during) * 0.99)]
    tell(
        f"Redis {name}: {len(during)} posts acknowledged meanwhile, p99 {p99 * 1000:.0f} ms, "
        f"the slowest {during[-1] * 1000:.0f}; bells again, five in a row, after {healed:.1f} s"
    )
    assert p99 < ACKNOWLEDGED_WITHIN_S


async def test_listeners_that_are_cut_each_second_listen_again(pair: Pair, tell: Tell) -> None:
    async with pair.talk() as talk:
        over = asyncio.Event()
        talking = asyncio.create_task(talk.go_on(over))
        cut = 0
        for _ in range(3):
            cut += pair.redis.cli("CLIENT", "KILL", "TYPE", "pubsub")
            await asyncio.sleep(1)
        over.set()
        await talking
        assert cut >= 6, "Each process has a line to cut, each time."
        await talk.all_heard(talk.there, within=DELIVERED_WITHIN_S)
        healed = await talk.is_rung_for(within=HEARD_AGAIN_WITHIN_S)
    tell(f"{cut} lines cut under {len(talk.said)} posts; bells again after {healed:.1f} s")


async def test_while_redis_is_gone_a_window_on_the_same_server_hears_at_once(pair: Pair) -> None:
    async with pair.talk() as talk:
        with killed(pair.redis):
            for _ in range(3):
                text = await talk.say()
                assert await talk.shows(talk.here, text)
                await asyncio.sleep(0.4)


async def test_pages_open_and_people_come_in_while_redis_is_frozen(pair: Pair, tell: Tell) -> None:
    async with pair.talk() as talk:
        ada = pair.first.person("ada")
        with pair.redis.frozen():
            slowest = 0.0
            async with pair.first.browser(ada) as browser:
                for _ in range(5):
                    since = time.monotonic()
                    answer = await browser.client.get("/rooms/", follow_redirects=True)
                    slowest = max(slowest, time.monotonic() - since)
                    assert answer.status_code == 200
            since = time.monotonic()
            async with pair.first.window(ada) as window:
                await window.welcome()
                entered = time.monotonic() - since
                await window.follow(talk.room)
                text = await talk.say()
                assert await talk.shows(window, text, within=DELIVERED_WITHIN_S)
        tell(
            f"Redis frozen: pages within {slowest * 1000:.0f} ms, a window {entered * 1000:.0f} ms"
        )
        await talk.is_rung_for(within=HEARD_AGAIN_WITHIN_S + 5 * BELL_S)


async def test_a_server_that_starts_without_redis_serves_and_hears_bells_later(
    pair: Pair, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pair.redis.kill()
    pair.second.kill()
    pair.second.start()
    bob = pair.second.person("bob")
    async with pair.second.window(bob) as window:
        await window.welcome()
        pair.redis.start()
        async with pair.talk() as talk:
            await talk.is_rung_for(within=HEARD_AGAIN_WITHIN_S + 5 * BELL_S)
