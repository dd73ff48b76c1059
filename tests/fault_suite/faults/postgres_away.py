"""Fault 5: PostgreSQL is restarted, its backends are killed, its connections run out."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import psycopg

from tests.fault_suite.lines import on_lines, people_on_each
from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.store_away import EXPECTS, live_through, recover
from tests.fault_suite.worlds import Worlds

IN_TRANSACTION = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
)


@fault(5, "PostgreSQL restarted (fast)", shape="many", seeded=True, short=True, expects=EXPECTS)
async def postgres_restarted(worlds: Worlds, seed: int) -> Result:
    """As for an update: it ends transactions, and is back after a moment."""
    return await _restart(worlds, Result(5, "PostgreSQL restarted (fast)", "many", seed), "fast")


@fault(5, "PostgreSQL restarted (immediate)", shape="many", seeded=True, expects=EXPECTS)
async def postgres_crashed(worlds: Worlds, seed: int) -> Result:
    """As after a crash: nothing is finished, and it recovers from its log."""
    result = Result(5, "PostgreSQL restarted (immediate)", "many", seed)
    return await _restart(worlds, result, "immediate")


async def _restart(worlds: Worlds, result: Result, mode: str) -> Result:
    world = await worlds.shared("many", on_lines)

    def restart(parts: Any) -> None:
        parts.postgres.stop(mode=mode)
        parts.postgres.start()

    await live_through(world, result, restart, _nothing, 0.0, ask=False)
    return result


@fault(5, "PostgreSQL stopped for a while", shape="many", expects=EXPECTS)
async def postgres_down(worlds: Worlds, seed: int) -> Result:
    """Nobody listens where it was."""
    result = Result(5, "PostgreSQL stopped for a while", "many", seed)
    world = await worlds.shared("many", on_lines)
    await live_through(
        world,
        result,
        lambda parts: parts.postgres.stop(mode="fast"),
        lambda parts: parts.postgres.start(),
        4.0 if worlds.is_short else 12.0,
    )
    return result


@fault(5, "backends killed inside transactions", shape="many", seeded=True, expects=EXPECTS)
async def backends_killed(worlds: Worlds, seed: int) -> Result:
    """``pg_terminate_backend``, again and again, on whoever is in a transaction just then."""
    result = Result(5, "backends killed inside transactions", "many", seed)
    world = await worlds.shared("many", on_lines)
    killed = 0
    async with people_on_each(world, seed) as load:
        await load.acknowledge_more(20)
        for _ in range(10 if worlds.is_short else 40):
            url = world.parts.postgres.url
            killed += await asyncio.to_thread(_kill_one_in_transaction, url, load.chance)
            await asyncio.sleep(load.chance.uniform(0, 0.15))
        await recover(load, result)
        await load.judge_into(result)
    result.note(f"{killed} backends were killed in the middle of something")
    result.expect(killed > 0, "no backend was killed, so nothing was tried")
    return result


def _kill_one_in_transaction(url: str, chance: random.Random, tries: int = 200) -> int:
    """Wait for a backend that is in a transaction, and kill it; how many that were."""
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(tries):
            found = connection.execute(IN_TRANSACTION).fetchall()
            if found:
                pid = chance.choice(sorted(found))[0]
                ended = connection.execute("SELECT pg_terminate_backend(%s)", [pid]).fetchone()
                return int(bool(ended and ended[0]))
    return 0


@fault(5, "PostgreSQL gives no connection any more", shape="many", expects=EXPECTS)
async def connections_refused(worlds: Worlds, seed: int) -> Result:
    """Those of the site are ended, and no new one is to be had."""
    result = Result(5, "PostgreSQL gives no connection any more", "many", seed)
    world = await worlds.shared("many", on_lines)
    await live_through(
        world,
        result,
        lambda parts: _allow_connections(parts.postgres, allowed=False),
        lambda parts: _allow_connections(parts.postgres, allowed=True),
        4.0 if worlds.is_short else 8.0,
    )
    return result


def _allow_connections(postgres: Any, *, allowed: bool) -> None:
    maintenance = postgres.url.removesuffix("/chat") + "/postgres"
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE chat ALLOW_CONNECTIONS {allowed}")
        if not allowed:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'chat'"
            )


def _nothing(parts: Any) -> None:
    """It has mended itself."""
