"""A command that waits for the database keeps neither pings nor posts of its socket waiting."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from chat.actions import messages
from chat.models import Room, User
from chat.turns import WAITING_LIMIT, Turns
from tests.conftest import Post, new_nonce
from tests.core.test_nobody_stays_deaf import OpenLayer, aside, until
from tests.faults.asgi_window import AsgiWindow, sign_in
from tests.faults.conftest import use_layer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("hub_ends", "layer_back"),
]


async def test_a_ping_and_a_post_are_answered_though_an_edit_before_them_still_waits(
    bob: User, lobby: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_layer(OpenLayer())
    message = await aside(post, bob, lobby, "first")
    edited = messages.edit_message
    may_end = threading.Event()

    def slowly(**arguments: Any) -> Any:
        assert may_end.wait(20)
        return edited(**arguments)

    monkeypatch.setattr(messages, "edit_message", slowly)
    window = AsgiWindow(await aside(sign_in, bob))
    await window.hear("welcome")
    edit = window.send("edit", message=message.pk, body="changed")
    await window.hear("ok", id=window.send("ping"))
    said = window.send("post", room=lobby.pk, nonce=new_nonce(), body="meanwhile")
    await window.hear("ok", id=said)
    assert not any(frame.get("id") == edit for frame in window.frames)
    may_end.set()
    await window.hear("ok", id=edit)
    await window.leave()


async def test_turns_are_taken_in_the_order_in_which_they_were_given() -> None:
    turns, done = Turns(), []

    async def work(number: int) -> None:
        await asyncio.sleep(0.002 if number % 2 else 0)
        done.append(number)

    for number in range(20):
        await turns.give(lambda number=number: work(number))
    await until(lambda: len(done) == 20)
    assert done == sorted(done)


async def test_a_socket_is_read_no_further_when_too_much_waits_and_is_forgotten_when_it_goes() -> (
    None
):
    turns, gate, begun = Turns(), asyncio.Event(), []

    async def work() -> None:
        begun.append(1)
        await gate.wait()

    for _ in range(WAITING_LIMIT):
        await turns.give(work)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(turns.give(work), 0.05)
    assert len(begun) == 1
    turns.stop()
    await until(lambda: not turns._tasks)
    assert len(begun) == 1
