"""The channel layer is only a doorbell: it may lose, double, reorder and delay what it likes.

The heads are read every five seconds; here ten times as often, so that the test need not
wait for what it is about.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from chat import resume, watches
from chat.actions import messages, redaction, rooms
from chat.database import in_database
from chat.models import Room, User
from tests.conftest import new_nonce
from tests.faults.asgi_window import AsgiWindow, sign_in
from tests.faults.conftest import use_layer
from tests.faults.lossy_layer import HeldLayer, LossyLayer
from tests.figures import Tell
from tests.mirror import Mirror

HEADS_EVERY_S = 0.5
CONVERGES_WITHIN_S = 20
POSTS = 60

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("layer_back", "hub_ends"),
]


class Reader:
    """A window and its mirror, read all the time."""

    def __init__(self, session: str, room: int) -> None:
        self.window = AsgiWindow(session)
        self.mirror = Mirror(room)
        self.epoch = ""
        self.shown: list[list[str]] = []
        """Every view that was ever shown."""
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while True:
            for frame in self.window.take():
                if frame["type"] == "welcome":
                    self.epoch = frame["epoch"]
                    self.window.send("subscribe", room=self.mirror.room)
                elif self.mirror.apply(frame):
                    cursor = f"{self.epoch}:{self.mirror.revision}"
                    self.window.send("subscribe", room=self.mirror.room, cursor=cursor)
                self.shown.append(self.mirror.bodies())
            await asyncio.sleep(0.005)

    async def leave(self) -> None:
        self._reading.cancel()
        await self.window.leave()


@pytest.fixture
async def readers(
    ada: User, bob: User, eve: User, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[[HeldLayer], list[Reader]]]:
    """Let three people follow the lobby over a layer of the test's own."""
    monkeypatch.setattr(watches, "HEADS_EVERY_S", HEADS_EVERY_S)
    sessions = [await in_database(sign_in, user) for user in (ada, bob, eve)]
    opened: list[Reader] = []

    def follow(layer: HeldLayer) -> list[Reader]:
        use_layer(layer)
        opened.extend(Reader(session, lobby.pk) for session in sessions)
        return opened

    yield follow
    for reader in opened:
        await reader.leave()


async def _post(author: User, room: Room, body: str) -> int:
    mark = await in_database(
        messages.post_message, actor=author, room_id=room.pk, nonce=new_nonce(), body=body
    )
    return mark.id


def _stored(room_id: int) -> dict[int, Any]:
    found = resume.changes_since(room_id, 0)
    assert found is not None
    return {part.message_id: json.loads(part.text) for part in found.parts}


async def _converged(readers: list[Reader], room: Room, within: float) -> float:
    """Wait until everyone has what the store has; return how long that took."""
    stored = await in_database(_stored, room.pk)
    started = time.monotonic()
    while any(reader.mirror.messages != stored for reader in readers):
        assert time.monotonic() - started < within, [r.mirror.bodies() for r in readers]
        await asyncio.sleep(0.01)
    return time.monotonic() - started


async def _all_live(readers: list[Reader]) -> None:
    async with asyncio.timeout(10):
        while any(reader.mirror.revision < 0 for reader in readers):
            await asyncio.sleep(0.005)


async def test_it_converges_over_a_layer_that_drops_doubles_reorders_and_delays(
    ada: User, bob: User, lobby: Room, readers: Callable[[HeldLayer], list[Reader]], tell: Tell
) -> None:
    chance = random.Random(7)
    layer = LossyLayer(chance, loss=0.3, doubling=0.3, delay=1.0)
    following = readers(layer)
    await _all_live(following)
    said: list[int] = []
    for number in range(POSTS):
        said.append(await _post(chance.choice((ada, bob)), lobby, f"Number {number}."))
        if number % 10 == 5:
            await in_database(
                redaction.redact_messages, actor=ada, message_ids=[chance.choice(said)]
            )
        if number % 15 == 7:
            await in_database(rooms.set_topic, actor=ada, room_id=lobby.pk, topic=f"{number}")
        await asyncio.sleep(chance.uniform(0, 0.02))
    took = await _converged(following, lobby, CONVERGES_WITHIN_S)
    tell(
        f"{layer.carried} announcements, {layer.lost} lost, {layer.doubled} doubled, the rest up "
        f"to 1 s late: equal {took:.2f} s after the last"
    )
    for reader in following:
        assert len(reader.mirror.messages) == POSTS


async def test_a_lost_last_word_is_found_by_the_heads(
    bob: User, lobby: Room, readers: Callable[[HeldLayer], list[Reader]], tell: Tell
) -> None:
    layer = LossyLayer(random.Random(1), loss=0, doubling=0, delay=0)
    following = readers(layer)
    await _all_live(following)
    await _post(bob, lobby, "Heard.")
    await _converged(following, lobby, 10)
    layer.lose_all = True
    await _post(bob, lobby, "The last word.")
    took = await _converged(following, lobby, CONVERGES_WITHIN_S)
    assert layer.lost
    tell(f"found {took:.2f} s after, with the heads read every {HEADS_EVERY_S} s")


async def test_a_redaction_that_overtakes_the_post_wins(
    ada: User, bob: User, lobby: Room, readers: Callable[[HeldLayer], list[Reader]]
) -> None:
    layer = HeldLayer()
    following = readers(layer)
    await _all_live(following)
    message = await _post(bob, lobby, "The password is swordfish.")
    await in_database(redaction.redact_messages, actor=ada, message_ids=[message])
    async with asyncio.timeout(10):
        while len([m for _, m in layer.pending if m["type"] == "changes"]) < 2:
            await asyncio.sleep(0.005)
    # The redaction first; the post long after, and twice.
    changes = [index for index, (_, m) in enumerate(layer.pending) if m["type"] == "changes"]
    layer.deliver(changes[1])
    await _converged(following, lobby, CONVERGES_WITHIN_S)
    late = next(i for i, (_, m) in enumerate(layer.pending) if m["type"] == "changes")
    layer.double(late)
    layer.deliver(late)
    await _post(bob, lobby, "Something else.")
    await _converged(following, lobby, CONVERGES_WITHIN_S)
    for reader in following:
        assert reader.mirror.bodies() == ["", "Something else."]
        assert "The password is swordfish." not in str(reader.shown)


async def test_a_slow_reader_is_not_told_what_was_redacted_while_it_stalled(
    ada: User, bob: User, lobby: Room, readers: Callable[[HeldLayer], list[Reader]]
) -> None:
    """What waits for a stalled reader is no frame but a cursor: the text is gone from it."""
    following = readers(LossyLayer(random.Random(1), loss=0, doubling=0, delay=0))
    await _all_live(following)
    stalled, *others = following
    stalled.window.stall()
    await _post(bob, lobby, "This one blocks the line.")
    await _converged(others, lobby, 10)
    message = await _post(bob, lobby, "The password is swordfish.")
    await _converged(others, lobby, 10)
    await in_database(redaction.redact_messages, actor=ada, message_ids=[message])
    await _converged(others, lobby, 10)
    stalled.window.go_on()
    await _converged(following, lobby, CONVERGES_WITHIN_S)
    assert "The password is swordfish." in str(others[0].shown)
    assert "The password is swordfish." not in str(stalled.shown)
