"""A fault of one moment ends nothing that must go on: the hub, its watches, the writer."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import ProgrammingError

from chat import batches, groups, posting, watches
from chat import hub as hub_module
from chat import pings as pings_module
from chat import writer as writer_module
from chat.actions.messages import submit_post
from chat.errors import BusyError
from chat.hub import Hub, get_hub
from chat.models import Room, User
from chat.pings import Pings
from chat.watches import Watches
from chat.writer import Writer
from tests.conftest import new_nonce
from tests.core.test_nobody_stays_deaf import OpenLayer, aside, until
from tests.faults.asgi_window import AsgiWindow, sign_in
from tests.faults.conftest import use_layer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("hub_ends", "layer_back"),
]


async def test_a_busy_store_at_the_first_socket_does_not_keep_out_the_next(
    bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_layer(OpenLayer())
    session = await aside(sign_in, bob)
    real = hub_module.in_database

    async def busy(*args: Any) -> Any:
        raise BusyError

    monkeypatch.setattr(hub_module, "in_database", busy)
    first = AsgiWindow(session)
    await until(lambda: not first.is_open)
    assert first.close_code == 4012
    monkeypatch.setattr(hub_module, "in_database", real)
    second = AsgiWindow(session)
    await second.hear("welcome")
    await first.leave()
    await second.leave()


async def test_a_socket_that_gets_its_place_while_goodbye_is_said_is_sent_away_too(
    bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_layer(OpenLayer())
    session = await aside(sign_in, bob)
    hub = await get_hub()
    take = hub.places.take

    async def goodbye_meanwhile(user_id: int, address: str) -> bool:
        fits = await take(user_id, address)
        hub.closing = True
        return fits

    monkeypatch.setattr(hub.places, "take", goodbye_meanwhile)
    window = AsgiWindow(session)
    await until(lambda: not window.is_open)
    assert window.close_code == 4012
    assert not hub.connections
    # Its place is free for the next.
    assert not hub.places._counts


@pytest.mark.parametrize("watch", ["look_at_heads", "recheck"])
async def test_a_watch_outlives_what_it_could_not_foresee(
    watch: str, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restore takes the tables away for a moment; after it the hub must look again."""
    looks = 0

    async def look(*args: Any) -> None:
        nonlocal looks
        looks += 1
        raise ProgrammingError("no such table")

    monkeypatch.setattr(watches, "HEADS_EVERY_S", 0.01)
    monkeypatch.setattr(watches, "GRANTS_EVERY_S", 0.01)
    monkeypatch.setattr(Watches if watch == "look_at_heads" else watches, watch, look)
    use_layer(OpenLayer())
    await get_hub()
    await until(lambda: looks > 2)


async def test_a_strange_announcement_does_not_make_the_process_deaf(
    bob: User, lobby: Room
) -> None:
    """As a newer server may send it while all are being replaced."""
    layer = OpenLayer()
    use_layer(layer)
    window = AsgiWindow(await aside(sign_in, bob))
    await window.hear("welcome")
    await until(lambda: layer.is_joined(f"person.{bob.pk}"))
    await layer.group_send(f"person.{bob.pk}", {"type": "read"})
    await layer.group_send(
        f"person.{bob.pk}", {"type": "read", "user": bob.pk, "room": lobby.pk, "last_read_seq": 0}
    )
    await window.hear("read")
    await window.leave()


async def test_heads_are_read_though_the_layer_never_answers(
    lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[float] = []

    async def look(self: Hub) -> None:
        looked.append(time.monotonic())

    monkeypatch.setattr(watches, "HEADS_EVERY_S", 0.02)
    monkeypatch.setattr(groups, "REJOIN_EVERY_S", 0.02)
    monkeypatch.setattr(groups, "LAYER_TIMEOUT_S", 0.5)
    monkeypatch.setattr(Watches, "look_at_heads", look)
    layer = OpenLayer()
    use_layer(layer)
    hub = await get_hub()
    for number in range(20):
        layer.gates[f"add room.{number}"] = asyncio.Event()
        hub.groups.joined.add(f"room.{number}")
    since = time.monotonic()
    # One after the other these would take ten seconds.
    await until(lambda: len(looked) > 10)
    assert time.monotonic() - since < 5


async def test_a_welcome_does_not_wait_for_a_layer_that_never_answers(
    ada: User, lobby: Room, cellar: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "LAYER_TIMEOUT_S", 3.0)
    layer = OpenLayer()
    use_layer(layer)
    for room in (lobby, cellar):
        layer.gates[f"add room.{room.pk}"] = asyncio.Event()
    since = time.monotonic()
    window = AsgiWindow(await aside(sign_in, ada))
    await window.hear("welcome")
    assert time.monotonic() - since < 3
    await window.leave()


@pytest.mark.parametrize(
    "where", [("writer", "commit_posts_of_free_rooms"), ("batches", "close_old_connections")]
)
async def test_the_writer_outlives_a_fault_and_says_so(
    where: tuple[str, str], bob: User, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.actions.messages.writer", Writer())
    module, name = {"writer": writer_module, "batches": batches}[where[0]], where[1]
    real = getattr(module, name)

    def broken(*args: Any) -> None:
        monkeypatch.setattr(module, name, real)
        raise KeyError("a fault of ours")

    monkeypatch.setattr(module, name, broken)

    async def say() -> Any:
        nonce = new_nonce()
        future = await submit_post(actor=bob, room_id=lobby.pk, nonce=nonce, body="Hello.")
        return await asyncio.wait_for(future, 5)

    with pytest.raises(KeyError):
        await say()
    assert (await say()).seq == 1


async def test_read_marks_are_written_in_one_order_by_all(
    ada: User, bob: User, lobby: Room, cellar: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes that take the same rows in another order would wait for each other."""
    written: list[list[Any]] = []

    class Cursor:
        def __enter__(self) -> Cursor:
            return self

        def __exit__(self, *_: Any) -> None:
            pass

        def executemany(self, sql: str, rows: list[Any]) -> None:
            written.append([(user, room) for _, user, room, _ in rows])

    monkeypatch.setattr(posting.post_rows, "connection", SimpleNamespace(cursor=Cursor))
    marks = {(bob.pk, cellar.pk): 1, (ada.pk, cellar.pk): 1, (bob.pk, lobby.pk): 1}
    posting.post_rows.advance_read_marks(marks)
    assert written[0] == sorted(written[0])


async def test_a_layer_that_fails_strangely_is_listened_to_again(
    bob: User, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "LAYER_RETRY_S", 0.01)
    layer = OpenLayer()
    receive, failed = layer.receive, False

    async def strange(channel: str) -> Any:
        nonlocal failed
        message = await receive(channel)
        if not failed:
            failed = True
            raise ValueError("bytes that are no message")
        return message

    monkeypatch.setattr(layer, "receive", strange)
    use_layer(layer)
    window = AsgiWindow(await aside(sign_in, bob))
    await window.hear("welcome")
    await until(lambda: layer.is_joined(f"person.{bob.pk}"))
    mark = {"type": "read", "user": bob.pk, "room": lobby.pk, "last_read_seq": 0}
    await layer.group_send(f"person.{bob.pk}", mark)
    await until(lambda: failed)
    await layer.group_send(f"person.{bob.pk}", mark)
    await window.hear("read")
    await window.leave()


async def test_pings_go_on_after_one_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []

    def ping(self: Pings, turn: int) -> None:
        turns.append(turn)
        raise KeyError("a fault of ours")

    monkeypatch.setattr(pings_module, "PING_EVERY_S", 0.1)
    monkeypatch.setattr(Pings, "ping", ping)
    use_layer(OpenLayer())
    await get_hub()
    await until(lambda: len(turns) > 3)
