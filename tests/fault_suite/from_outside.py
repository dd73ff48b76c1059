"""The client suite: people talk over bad lines to a site that runs already, and nothing is lost.

It posts to one room, and otherwise does what browsers on bad lines do: it cannot restart or
break anything of the site. How much it does is bounded by ``--posts`` and ``--minutes``.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any, cast

from tests.fault_suite import page, report
from tests.fault_suite.line import Weather
from tests.fault_suite.outside_world import OutsideError, OutsideWorld, Visitor
from tests.fault_suite.proxy import FaultProxy
from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.fault_suite.world import World

NAME = "clients on bad lines"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
MOST_POSTS, MOST_MINUTES = 200, 30.0
POSTS_PER_PERSON_S = 2.0
"""At most. A site allows one by default: being told to wait belongs to it."""
CONVERGED_WITHIN_S = 10.0
CALM_S, BAD_S = 3.0, 5.0
SLOW = Weather(latency_s=0.2, jitter_s=0.1, bytes_per_s=8_000)
Say = Callable[[str], None]


def main(given: argparse.Namespace, say: Say) -> int:
    """Do what the command line says; return the exit code."""
    try:
        with OutsideWorld(given.url, any_certificate=given.any_certificate) as world:
            if not _may_post(given, world):
                return 2
            return _run(given, world, say)
    except OutsideError as error:
        say(str(error))
        return 2


def _may_post(given: argparse.Namespace, world: OutsideWorld) -> bool:
    people = [said.partition(":")[0] for said in given.sign_in]
    if not people or not all(":" in said for said in given.sign_in):
        raise OutsideError("Say who is to talk: --sign-in NAME:PASSWORD, once for each person.")
    if not 0 < given.posts <= MOST_POSTS or not 0 < given.minutes <= MOST_MINUTES:
        raise OutsideError(f"--posts is 1 to {MOST_POSTS}, and --minutes at most {MOST_MINUTES:g}.")
    if world.host in LOOPBACK or given.yes:
        return True
    if not sys.stdin.isatty():
        raise OutsideError(f"{world.address} is elsewhere: say --yes to post there.")
    where = given.room or "a new room"
    question = f"Post up to {given.posts} messages each as {', '.join(people)} to {where} of "
    return input(f"{question}{world.address}? [y/N] ").strip().lower() == "y"


def _run(given: argparse.Namespace, world: OutsideWorld, say: Say) -> int:
    visitors = [world.sign_in(*said.split(":", 1)) for said in given.sign_in]
    name = given.room or time.strftime("Fault suite %Y-%m-%d %H:%M:%S")
    room = world.enter_room(name)
    say(f"{len(visitors)} people talk in room {room} of {world.address}.")
    seed = given.seed if given.seed is not None else 1
    result = Result(0, NAME, "url", seed)
    began = time.monotonic()
    with FaultProxy((world.host, world.port), seed=seed) as proxy:
        world.by_way_of = proxy.address
        try:
            asyncio.run(_talk(given, world, proxy, visitors, room, result))
        except (AssertionError, TimeoutError) as error:
            result.broken.append(f"{type(error).__name__}: {error}")
            result.history = getattr(error, "histories", result.history)
    result.seconds = time.monotonic() - began
    _tell(given, result, say)
    return int(result.is_bad)


async def _talk(
    given: argparse.Namespace,
    world: OutsideWorld,
    proxy: FaultProxy,
    visitors: list[Visitor],
    room: int,
    result: Result,
) -> None:
    """All kinds of bad lines in turn, until everybody has said what they may or time is over."""
    async with asyncio.timeout(given.minutes * 60 + 60):
        async with Workload(
            cast(World, world),
            result.seed,
            posters=len(visitors),
            readers=0,
            posts_per_s=_rate(given.posts) * len(visitors),
            people=cast(Any, visitors),
            room=room,
            most=given.posts,
        ) as load:
            ends = time.monotonic() + given.minutes * 60
            await _round(proxy, ends)
            while time.monotonic() < ends and not load.is_said:
                await _round(proxy, ends)
            converged = await load.settle()
            await load.judge_into(result, begins=world.begins)
    lines = sum(client.history.connections for client in load.clients)
    attempts = sum(client.history.attempts for client in load.clients)
    result.note(f"{lines} lines, {proxy.counters.cut} of them cut; {attempts} attempts")
    result.expect(converged < CONVERGED_WITHIN_S, f"converged only after {converged:.1f} s")


def _rate(posts: int) -> float:
    """So many a second that what one person may say lasts for a round of bad lines."""
    return min(POSTS_PER_PERSON_S, posts / (len(SPELLS) * (BAD_S + CALM_S)))


async def _round(proxy: FaultProxy, ends: float) -> None:
    """Each kind of bad line once, with a calm spell after it."""
    for spell in SPELLS:
        if time.monotonic() > ends:
            return
        await asyncio.to_thread(spell, proxy)
        await asyncio.sleep(BAD_S)
        await asyncio.to_thread(proxy.calm)
        await asyncio.to_thread(proxy.reset)
        await asyncio.sleep(CALM_S)


def _cut(proxy: FaultProxy) -> None:
    """Reset in the middle of whatever is under way."""
    proxy.reset()


def _cut_soon(proxy: FaultProxy) -> None:
    """Each line, old and new, is cut after some bytes: nobody gets far, and all come again."""
    proxy.blow(Weather(cut_after=1_500))


def _half_open(proxy: FaultProxy) -> None:
    """The clients are gone, and the site is told nothing."""
    proxy.half_open("client")


def _slow(proxy: FaultProxy) -> None:
    """8 kB/s, far away."""
    proxy.blow(SLOW)


def _black_hole(proxy: FaultProxy) -> None:
    """Nothing moves, and nobody is told."""
    proxy.blow(Weather(black_hole=True))


SPELLS = (_cut, _slow, _cut_soon, _half_open, _black_hole)


def _tell(given: argparse.Namespace, result: Result, say: Say) -> None:
    for sentence in (*result.notes, *(f"! {sentence}" for sentence in result.broken)):
        say(f"   {sentence}")
    if result.broken:
        say(f"   the history is in {report.write_history(given.histories, 'url', result)}")
    rows = [report.row_of(result.number, result.name, result.shape, [result])]
    say("\n" + report.table(rows))
    if given.json:
        report.write_json(given.json, [result], {"url": given.url})
    if given.markdown:
        given.markdown.write_text(page.table(rows))
