"""Fault 15: what was said before a redaction arrives after it, once more or for the first time."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import redis.asyncio

from tests.fault_suite.line import Weather
from tests.fault_suite.lines import on_lines
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.world import Server, World
from tests.fault_suite.worlds import Worlds
from tests.live.house import Someone
from tests.live.stage import until
from tests.live.window import Window

NAME = "a redaction overtaken by a delayed announcement of the post"
SECRET = "The password is swordfish, number"
SECRETS = 5
LISTEN_ON_S = 1.0


@fault(15, NAME, shape="many", expects="the tombstone wins")
async def late_announcement(worlds: Worlds, seed: int) -> Result:
    """At one server the announcements come again; at the other they come late, and again."""
    result = Result(15, NAME, "many", seed)
    world = await worlds.shared("many", on_lines)
    ada, bob, eve = await asyncio.to_thread(world.people, "ada", "bob", "eve")
    room = await asyncio.to_thread(world.room, ada, bob, eve)
    here, there = world.apps
    async with AsyncExitStack() as stack:
        hers, his = [await _open(stack, world, who, room, here) for who in (ada, bob)]
        far = await _open(stack, world, eve, room, there)
        spy = await stack.enter_async_context(Spy(world.parts.redis.url))
        held_up = world.parts.redis_lines.each[1]
        held_up.blow(down=Weather(black_hole=True))
        try:
            marks = [
                await his.say(room, f"{SECRET} {n}.", f"secret-{room}-{n}") for n in range(SECRETS)
            ]
            await hers.hear_message(room, f"{SECRET} {SECRETS - 1}.")
            for mark in marks:
                answer = await hers.ask("redact", message=mark["id"])
                assert answer["type"] == "ok", answer
            told = {window: len(window.heard) for window in (hers, his, far)}
            # By the heads in the database, since nothing rings there.
            await until(lambda: _tombstones(far, room) >= SECRETS, 15)
        finally:
            held_up.calm()
        again = await spy.say_again(SECRET)
        await asyncio.sleep(LISTEN_ON_S)
        for window, count in told.items():
            late = [frame for frame in window.heard[count:] if SECRET in str(frame)]
            result.expect(not late, f"the old text was told after its redaction: {late[:1]}")
            shown = _tombstones(window, room)
            result.expect(shown == SECRETS, f"{shown} tombstones and not {SECRETS} are shown")
        result.lost = SECRETS - _tombstones(far, room)
    result.acknowledged = SECRETS
    result.note(f"{again} announcements said again after {SECRETS} redactions")
    result.expect(again >= SECRETS, f"only {again} announcements could be said again")
    await _no_door_gives_it(world, eve, room, result)
    result.memory_mb = world.memory_mib
    result.broken += await asyncio.to_thread(world.damage)
    return result


async def _open(
    stack: AsyncExitStack, world: World, person: Someone, room: int, at: Server
) -> Window:
    uri = f"{at.address.replace('http', 'ws', 1)}/socket/"
    window = await stack.enter_async_context(world.window(person, uri=uri))
    await window.follow(room)
    return window


def _tombstones(window: Window, room: int) -> int:
    """How many messages a window shows as redacted."""
    newest: dict[int, dict[str, Any]] = {}
    for frame in window.heard:
        whole = frame.get("changes") or frame.get("snapshot") or frame
        for message in whole.get("messages", ()):
            if frame.get("room") == room:
                known = newest.get(message["id"], message)
                newest[message["id"]] = max(known, message, key=lambda copy: copy["revision"])
    return sum(message["redacted"] is not None for message in newest.values())


async def _no_door_gives_it(world: World, person: Someone, room: int, result: Result) -> None:
    for app in world.apps:
        uri = f"{app.address.replace('http', 'ws', 1)}/socket/"
        async with world.window(person, uri=uri) as window:
            epoch = (await window.welcome())["epoch"]
            for cursor in (None, f"{epoch}:0"):
                said = str(await window.follow(room, cursor))
                result.expect(SECRET not in said, f"{app.address} gives the old text")
    async with world.browser(person) as browser:
        for path in (f"/rooms/{room}/", f"/api/rooms/{room}/messages/"):
            answer = await browser.client.get(path)
            result.expect(answer.status_code == 200, f"{path} answers {answer.status_code}")
            result.expect(SECRET not in answer.text, f"{path} gives the old text")


class Spy:
    """Hears everything that goes through Redis, and can say it again."""

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(url, socket_timeout=None)
        self._heard: list[tuple[bytes, bytes]] = []

    async def __aenter__(self) -> Spy:
        self._ears = self._redis.pubsub()
        await self._ears.psubscribe("*")
        # The answer to that comes first; from then on nothing is missed.
        await self._ears.get_message(timeout=5)
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        await self._ears.aclose()
        await self._redis.aclose()

    async def _listen(self) -> None:
        async for message in self._ears.listen():
            if message["type"] == "pmessage":
                self._heard.append((message["channel"], message["data"]))

    async def say_again(self, words: str) -> int:
        """Publish once more whatever had these words in it; return how much that was."""
        found = [(channel, data) for channel, data in self._heard if words.encode() in data]
        for channel, data in found:
            await self._redis.publish(channel, data)
        return len(found)
