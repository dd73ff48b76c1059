"""kill -9 in the middle of a conversation, again and again: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator

import pytest

from tests.faults.checker import judge
from tests.faults.reference_client import ReferenceClient
from tests.figures import Tell
from tests.live.stage import Stage, until

CLIENTS = 5
POSTS = 500
KILLS = 5
BACK_WITHIN_S = 10


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site of its own, without a throttle."""
    stage = Stage(
        tmp_path_factory.mktemp("killed"),
        POSTS_BURST="1000000",
        POSTS_PER_MINUTE="1000000",
        COMMANDS_PER_MINUTE="1000000",
    )
    try:
        stage.start()
        yield stage
    finally:
        stage.end()


async def test_a_server_killed_during_500_posts_loses_and_doubles_nothing(
    stage: Stage, tell: Tell
) -> None:
    people = [stage.person(f"client {number}") for number in range(CLIENTS)]
    room = stage.room(people[0], *people[1:])
    clients = [
        ReferenceClient(
            f"ws://127.0.0.1:{stage.port}/socket/", stage.address, person.session, room, person.name
        )
        for person in people
    ]
    for client in clients:
        client.start()
    chance = random.Random(20261121)
    returns: list[float] = []
    talking = asyncio.create_task(_talk(clients, chance))
    for _ in range(KILLS):
        before = sum(len(client.history.acknowledged) for client in clients)
        # Kill it while it works, at a moment that nobody chose.
        await until(lambda n=before: _acknowledged(clients) > n + 20, 30)
        await asyncio.sleep(chance.uniform(0, 0.05))
        connected = [client.history.connections for client in clients]
        stage.kill()
        await asyncio.to_thread(stage.start)
        since = time.monotonic()
        await until(
            lambda was=connected: all(
                c.history.connections > n for c, n in zip(clients, was, strict=True)
            ),
            30,
        )
        returns.append(time.monotonic() - since)
    await talking
    await until(lambda: all(client.has_sent_everything for client in clients), 60)
    head = stage.backstage("stored_revision", room=room)
    await until(lambda: all(client.revision >= head for client in clients), 30)
    histories = [await client.stop() for client in clients]
    stored = stage.backstage("stored", room=room)
    attempts = sum(history.attempts for history in histories)
    tell(
        f"{len(stored)} posts of {CLIENTS} clients, {KILLS} kills, {attempts - len(stored)} retries"
        f", {sum(h.connections for h in histories)} connections, all back within "
        f"{max(returns):.1f} s of the start"
    )
    assert judge(histories, stored) == []
    assert len(stored) == POSTS
    assert _acknowledged(clients) == POSTS
    assert stage.backstage("damage") == []
    assert max(returns) < BACK_WITHIN_S


async def _talk(clients: list[ReferenceClient], chance: random.Random) -> None:
    """Keep every outbox filled, but never so far ahead that the kills meet an idle server."""
    for number in range(POSTS):
        client = clients[number % len(clients)]
        client.post(f"Number {number}.")
        said = number + 1
        await until(lambda said=said: said - _acknowledged(clients) < 25, 60)
        await asyncio.sleep(chance.uniform(0, 0.01))


def _acknowledged(clients: list[ReferenceClient]) -> int:
    return sum(len(client.history.acknowledged) for client in clients)
