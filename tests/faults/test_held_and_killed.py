"""kill -9 while posts wait for a moderator: each waits once, and is let in once or never."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest

from tests.faults.checker import judge
from tests.faults.reference_client import ReferenceClient
from tests.figures import Tell
from tests.live.stage import Stage, until

CLIENTS = 3
POSTS = 90
KILLS = 3


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site of its own, without a throttle."""
    unhurried = ("POSTS_BURST", "POSTS_PER_MINUTE", "COMMANDS_PER_MINUTE")
    stage = Stage(tmp_path_factory.mktemp("held"), **dict.fromkeys(unhurried, "1000000"))
    try:
        stage.start()
        yield stage
    finally:
        stage.end()


async def test_a_server_killed_while_posts_wait_loses_none_and_lets_in_each_once(
    stage: Stage, tell: Tell
) -> None:
    ada, *people = stage.people("ada", *(f"client {number}" for number in range(CLIENTS)))
    room = stage.room(ada, *people)
    stage.backstage(
        "act", action="room_switches.set_approve_first", person=ada.id, room_id=room,
        approve_first="everyone",
    )  # fmt: skip
    url = f"ws://127.0.0.1:{stage.port}/socket/"
    clients = [
        ReferenceClient(url, stage.address, person.session, room, person.name) for person in people
    ]
    for client in clients:
        client.start()
    chance = random.Random(20261121)
    talking = asyncio.create_task(_talk(clients))
    for kill in range(KILLS):
        await until(lambda least=kill * 20 + 10: _held(clients) > least, 30)
        await asyncio.sleep(chance.uniform(0, 0.05))
        stage.kill()
        await asyncio.to_thread(stage.start)
    await talking
    await until(lambda: all(client.has_sent_everything for client in clients), 60)
    ids = [held for client in clients for held in client.history.held.values()]
    assert len(set(ids)) == len(ids) == POSTS
    assert stage.backstage("stored", room=room) == []

    approved, rejected = set(ids[::3]), set(ids[1::3])
    chance.shuffle(ids)
    async with stage.window(ada) as window:
        for held in ids:
            if held in approved | rejected:
                kind = "approve" if held in approved else "reject"
                assert (await window.ask(kind, held=held))["type"] == "ok"
        again = await window.ask("approve", held=min(approved))
        assert again["code"] == "decided"
    head = stage.backstage("stored_revision", room=room)
    await until(lambda: all(client.revision >= head for client in clients), 30)
    histories = [await client.stop() for client in clients]
    nonces = {
        nonce for history in histories for nonce, held in history.held.items() if held in approved
    }
    stored = stage.backstage("stored", room=room)
    assert judge(histories, stored, approved=nonces) == []
    assert len(stored) == len(approved)
    assert stage.backstage("damage") == []
    retries = sum(history.attempts for history in histories) - POSTS
    tell(f"{POSTS} held through {KILLS} kills with {retries} retries; {len(stored)} let in")


async def _talk(clients: list[ReferenceClient]) -> None:
    for number in range(POSTS):
        clients[number % len(clients)].post(f"Number {number}.")
        await until(lambda said=number + 1: said - _held(clients) < 10, 60)


def _held(clients: list[ReferenceClient]) -> int:
    return sum(len(client.history.held) for client in clients)
