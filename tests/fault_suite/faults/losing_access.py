"""Fault 14: people who are put out or signed out while connected, with the layer up and down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.fault_suite.ear import Ear, listen
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.world import World
from tests.fault_suite.worlds import Worlds
from tests.live.backstage import PASSWORD
from tests.live.house import Browser, Someone
from tests.live.stage import until
from tests.live.window import Window

UP = "ban, kick, logout, password change while connected"
DOWN = "ban, kick, logout, password change, the channel layer down"
TOKEN = "API token revoked while connected"
POSTS_PER_S = 20
LISTEN_ON_S = 1.0
NEW_PASSWORD = "four and twenty blackbirds"


@fault(14, UP, shape="many", short=True, expects="delivery ends within 2 s")
async def losing_access(worlds: Worlds, seed: int) -> Result:
    """What is done at one server ends delivery at the other, by the bell."""
    world = await worlds.shared("many")
    result = Result(14, UP, "many", seed)
    async with _Scene(world, result) as scene:
        await scene.all_lose_access(within=2.0)
    return result


@fault(14, DOWN, shape="many", expects="delivery ends within 30 s")
async def losing_access_unheard(worlds: Worlds, seed: int) -> Result:
    """Nobody rings: the re-check finds out."""
    world = await worlds.shared("many")
    result = Result(14, DOWN, "many", seed)
    async with _Scene(world, result) as scene:
        await asyncio.to_thread(world.parts.redis.kill)
        try:
            await scene.all_lose_access(within=30.0)
        finally:
            await asyncio.to_thread(world.parts.redis.start)
    return result


@fault(14, TOKEN, shape="many", expects="delivery ends within 2 s, within 30 s without the layer")
async def losing_a_token(worlds: Worlds, seed: int) -> Result:
    """Nobody can have a token yet."""
    return Result(14, TOKEN, "many", seed, not_yet="there are no API tokens yet")


@dataclass
class _Way:
    """One way to lose access."""

    name: str
    ear: Ear
    lose: Callable[[], Awaitable[None]]
    lost_at: float = 0.0


class _Scene:
    """Ada talks in a private room at one server; four people listen at the other."""

    def __init__(self, world: World, result: Result) -> None:
        self._world = world
        self._result = result
        self._ways: list[_Way] = []

    async def __aenter__(self) -> _Scene:
        world = self._world
        self._ada, banned, kicked = await asyncio.to_thread(world.people, "ada", "bob", "carl")
        leaver, changer = [
            await asyncio.to_thread(world.person, name, password=True) for name in ("dora", "eli")
        ]
        everybody = (banned, kicked, leaver, changer)
        self._room = await asyncio.to_thread(world.room, self._ada, *everybody, kind="private")
        here, there = world.apps
        uri = f"{here.address.replace('http', 'ws', 1)}/socket/"
        self._window = Window(await world.connect(self._ada, uri=uri))
        self._talking = asyncio.create_task(self._talk())
        signed_in = await self._sign_in(leaver)
        for name, person, lose in (
            ("ban", banned, lambda: self._command("ban", banned)),
            ("kick", kicked, lambda: self._command("kick", kicked)),
            ("logout", signed_in, lambda: self._log_out(signed_in)),
            ("password change", changer, lambda: self._change_password(changer)),
        ):
            ear = await listen(world, person, self._room, there)
            self._ways.append(_Way(name, ear, lose))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._talking.cancel()
        await asyncio.gather(self._talking, return_exceptions=True)
        await self._window.leave()
        for way in self._ways:
            await way.ear.close()
        self._result.memory_mb = self._world.memory_mib
        self._result.broken += await asyncio.to_thread(self._world.damage)
        self._result.broken += self._world.tracebacks()

    async def _talk(self) -> None:
        number = 0
        while True:
            number += 1
            await self._window.say(self._room, f"Number {number}.", f"access-{self._room}-{number}")
            self._result.acknowledged += 1
            await asyncio.sleep(1 / POSTS_PER_S)

    # --- How they lose it ------------------------------------------------------------------

    async def _command(self, kind: str, person: Someone) -> None:
        term = {"minutes": 10} if kind == "ban" else {}
        answer = await self._window.ask(
            kind, room=self._room, user=person.id, reason="spam", **term
        )
        assert answer["type"] == "ok", answer

    async def _sign_in(self, person: Someone) -> Someone:
        async with self._world.browser() as browser:
            await _submit(browser, "/accounts/login/", login=person.name, password=PASSWORD)
            return Someone(person.id, person.name, browser.client.cookies["sessionid"])

    async def _log_out(self, person: Someone) -> None:
        async with self._world.browser(person) as browser:
            answer = await browser.submit("/accounts/logout/")
            assert answer.status_code == 302, answer.text

    async def _change_password(self, person: Someone) -> None:
        """In another session of theirs: this is what one does whose session was stolen."""
        other = await self._sign_in(person)
        async with self._world.browser(other) as browser:
            new = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
            await _submit(browser, "/accounts/password/change/", oldpassword=PASSWORD, **new)

    # --- What is expected ---------------------------------------------------------------------

    async def all_lose_access(self, within: float) -> None:
        """Everybody hears ada, loses access, and hears her no more soon after."""
        await until(lambda: self._talking.done() or all(way.ear.heard_at for way in self._ways))
        if self._talking.done():
            self._talking.result()
        for way in self._ways:
            await way.lose()
            way.lost_at = time.monotonic()
        # What does not end by itself is a finding, and not a reason to stop here.
        try:
            await until(lambda: all(way.ear.ended_at for way in self._ways), within + 5)
        except AssertionError:
            self._result.note("not everybody was told that they are out")
        await asyncio.sleep(LISTEN_ON_S)
        for way in self._ways:
            self._judge(way, within)

    def _judge(self, way: _Way, within: float) -> None:
        last = max(0.0, way.ear.heard_at[-1] - way.lost_at)
        told = max(0.0, (way.ear.ended_at or time.monotonic()) - way.lost_at)
        self._result.converged_s = max(self._result.converged_s, told)
        self._result.note(f"{way.name}: heard for {last:.2f} s more; {way.ear.end or 'NOT TOLD'}")
        self._result.expect(last < within, f"{way.name}: delivery went on for {last:.1f} s")
        self._result.expect(told < within, f"{way.name}: told only after {told:.1f} s")
        if way.ear.ended_at is not None:
            late = [at for at in way.ear.heard_at if at > way.ear.ended_at]
            self._result.expect(not late, f"{way.name}: heard {len(late)} frames after the end")


async def _submit(browser: Browser, page: str, **fields: str) -> None:
    answer = await browser.submit(page, page, **fields)
    assert answer.status_code == 302, answer.text
