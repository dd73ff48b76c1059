"""A part that is slow or silent delays only whoever asked it (invariant 10)."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any

import pytest

from chat import outlet, protocol, resume, watches
from chat.actions import rooms
from chat.database import in_database
from chat.models import Room, User
from chat.protocol import PING_EVERY_S
from tests.conftest import new_nonce
from tests.faults.asgi_window import AsgiWindow, sign_in
from tests.faults.conftest import use_layer
from tests.faults.lossy_layer import HeldLayer, LossyLayer, Message
from tests.figures import Tell

NOBODY_WAITS_S = 0.25
SLOW_S = 2.0

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("layer_back", "hub_ends"),
]


async def _open(user: User) -> AsgiWindow:
    window = AsgiWindow(await in_database(sign_in, user))
    await window.hear("welcome")
    return window


async def _follow(window: AsgiWindow, room: Room) -> dict[str, Any]:
    return await window.hear("subscribed", id=window.send("subscribe", room=room.pk))


async def _say(window: AsgiWindow, room: Room, body: str) -> float:
    """Post; return how long the acknowledgement took."""
    since = time.monotonic()
    command = window.send("post", room=room.pk, nonce=new_nonce(), body=body)
    await window.hear("ok", id=command)
    return time.monotonic() - since


async def test_one_slow_query_delays_nobody_else(
    ada: User, bob: User, eve: User, lobby: Room, monkeypatch: pytest.MonkeyPatch, tell: Tell
) -> None:
    slow_room = await in_database(rooms.create_room, actor=ada, name="Slow")
    read = resume.read_newest_changes

    def read_slowly(room_id: int) -> Any:
        if room_id == slow_room.pk:
            time.sleep(SLOW_S)
        return read(room_id)

    monkeypatch.setattr(resume, "read_newest_changes", read_slowly)
    his, hers, waiting = await _open(bob), await _open(ada), await _open(eve)
    await _follow(hers, lobby)
    asked = waiting.send("subscribe", room=slow_room.pk)
    started = time.monotonic()
    waits = []
    while time.monotonic() - started < SLOW_S * 0.75:
        since = time.monotonic()
        await _say(his, lobby, f"Said after {since}.")
        await hers.hear("changes")
        waits.append(time.monotonic() - since)
    assert not any(frame.get("id") == asked for frame in waiting.frames)
    await waiting.hear("subscribed", id=asked)
    tell(f"{len(waits)} posts beside a query of {SLOW_S} s, the slowest {max(waits) * 1e3:.0f} ms")
    assert sorted(waits)[len(waits) // 2] < NOBODY_WAITS_S
    for window in (his, hers, waiting):
        await window.leave()


class SilentLayer(LossyLayer):
    """Takes every call and never answers, as a Redis behind a dead switch does."""

    silent = False

    async def group_send(self, group: str, message: Message) -> None:
        if self.silent:
            await asyncio.Event().wait()
        await super().group_send(group, message)

    async def group_add(self, group: str, channel: str) -> None:
        if self.silent:
            await asyncio.Event().wait()
        await super().group_add(group, channel)


async def test_a_channel_layer_that_never_answers_fails_no_post_and_no_newcomer(
    ada: User, bob: User, lobby: Room, monkeypatch: pytest.MonkeyPatch, tell: Tell
) -> None:
    monkeypatch.setattr(watches, "HEADS_EVERY_S", 0.5)
    layer = SilentLayer(random.Random(1), loss=0, doubling=0, delay=0)
    use_layer(layer)
    his, hers = await _open(bob), await _open(ada)
    await _follow(hers, lobby)
    layer.silent = True
    took = [await _say(his, lobby, f"Number {number}.") for number in range(10)]
    tell(f"acknowledged within {max(took) * 1e3:.0f} ms beside a silent layer")
    assert max(took) < 1.0
    # The heads in the database bring what the layer does not.
    heard: list[str] = []
    while len(heard) < 10:
        frame = await hers.hear("changes")
        heard += [message["body"] for message in frame["messages"]]
    assert heard == [f"Number {number}." for number in range(10)]
    # Who comes now is let in, and reads.
    later = await _open(ada)
    assert (await _follow(later, lobby))["snapshot"]["last_seq"] == 10
    for window in (his, hers, later):
        await window.leave()


async def test_pings_come_with_the_heads_of_the_rooms_one_follows(
    ada: User, bob: User, lobby: Room, cellar: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A whole round of pings in a moment.
    monkeypatch.setattr("chat.pings.PING_EVERY_S", 0.25)
    use_layer(HeldLayer())
    his, hers = await _open(bob), await _open(ada)
    await _follow(his, lobby)
    await _follow(his, cellar)
    ping = protocol.PingEvent.model_validate_json(json.dumps(await his.hear("ping")))
    stored = {room.pk: room.revision async for room in Room.objects.all()}
    assert ping.heads == stored
    assert (await hers.hear("ping"))["heads"] == {}
    assert PING_EVERY_S == 25
    for window in (his, hers):
        await window.leave()


@pytest.mark.parametrize(("limit", "value"), [("QUEUE_FRAMES", 8), ("QUEUE_CHARS", 2_000)], ids=str)
async def test_a_reader_past_the_limits_of_its_queue_is_closed_as_too_slow(
    limit: str, value: int, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (outlet.QUEUE_FRAMES, outlet.QUEUE_CHARS, outlet.SEND_TIMEOUT_S) == (256, 2**20, 5.0)
    monkeypatch.setattr(outlet, limit, value)
    window = await _open(bob)
    window.stall()
    for _ in range(100):
        window.send("subscribe", room=10**9)
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        while window.is_open:
            await asyncio.sleep(0.01)
    window.go_on()
    assert len(window.frames) <= 1
    await window.leave()
