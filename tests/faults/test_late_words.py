"""A redaction, or its undoing, overtaken by what was said before: the higher revision wins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from chat.actions import held_posts, redaction, room_switches
from chat.actions.messages import post_message
from chat.database import in_database
from chat.models import Room, User
from chat.protocol import HeldMark
from tests.conftest import new_nonce
from tests.faults.asgi_window import AsgiWindow, sign_in
from tests.faults.conftest import use_layer
from tests.faults.lossy_layer import HeldLayer
from tests.mirror import Mirror

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("layer_back", "hub_ends"),
]
SECRET = "The password is swordfish."


class Scene:
    """Eve reads the lobby over a layer on which every announcement waits to be carried."""

    def __init__(self, ada: User, bob: User, room: Room, window: AsgiWindow) -> None:
        self.ada, self.bob, self.room, self.window = ada, bob, room, window
        self.layer = HeldLayer()
        self.mirror = Mirror(room.pk)
        self.shown: list[str] = []

    async def say(self, body: str) -> int:
        mark = await in_database(
            post_message, actor=self.bob, room_id=self.room.pk, nonce=new_nonce(), body=body
        )
        return mark.id

    async def redact(self, message: int) -> None:
        await in_database(redaction.redact_messages, actor=self.ada, message_ids=[message])

    async def restore(self, message: int) -> None:
        await in_database(redaction.restore_messages, actor=self.ada, message_ids=[message])

    async def carry(self, number: int, *, twice: bool = False) -> None:
        """Bring the ``number``-th change that waits, oldest first, and see what is shown then."""
        async with asyncio.timeout(10):
            while len(self._changes()) <= number:
                await asyncio.sleep(0.005)
        index = self._changes()[number]
        (self.layer.double if twice else self.layer.deliver)(index)
        await asyncio.sleep(0.2)
        self.look()

    def _changes(self) -> list[int]:
        return [n for n, (_, m) in enumerate(self.layer.pending) if m["type"] == "changes"]

    def look(self) -> None:
        for frame in self.window.take():
            missing = self.mirror.apply(frame)
            assert not missing, frame
            self.shown.append(" | ".join(self.mirror.bodies()))


@pytest.fixture
async def scene(ada: User, bob: User, eve: User, lobby: Room) -> AsyncIterator[Scene]:
    window = AsgiWindow(await in_database(sign_in, eve))
    made = Scene(ada, bob, lobby, window)
    use_layer(made.layer)
    await window.hear("welcome")
    window.send("subscribe", room=lobby.pk)
    async with asyncio.timeout(10):
        while made.mirror.revision < 0:
            made.look()
            await asyncio.sleep(0.005)
    yield made
    await window.leave()


async def test_a_post_that_comes_after_its_redaction_is_not_shown(scene: Scene) -> None:
    message = await scene.say(SECRET)
    await scene.redact(message)
    await scene.carry(1)
    await scene.carry(0, twice=True)
    await scene.carry(0)
    assert scene.mirror.bodies() == [""]
    assert SECRET not in str(scene.shown)


async def test_a_redaction_that_comes_after_its_undoing_takes_nothing_away(scene: Scene) -> None:
    message = await scene.say("Harmless.")
    await scene.carry(0)
    await scene.redact(message)
    await scene.restore(message)
    await scene.carry(1)
    assert scene.mirror.bodies() == ["Harmless."]
    await scene.carry(0, twice=True)
    await scene.carry(0)
    assert scene.mirror.bodies() == ["Harmless."]


async def test_an_undoing_that_comes_after_the_next_redaction_brings_nothing_back(
    scene: Scene,
) -> None:
    message = await scene.say(SECRET)
    await scene.redact(message)
    await scene.restore(message)
    await scene.redact(message)
    await scene.carry(3)
    for _ in range(3):
        await scene.carry(0, twice=True)
        await scene.carry(0)
    assert scene.mirror.bodies() == [""]
    assert SECRET not in str(scene.shown)


async def test_an_approved_post_that_was_redacted_at_once_is_shown_to_nobody(
    scene: Scene,
) -> None:
    await in_database(
        room_switches.set_approve_first,
        actor=scene.ada, room_id=scene.room.pk, approve_first="everyone",
    )  # fmt: skip
    held = await in_database(
        post_message, actor=scene.bob, room_id=scene.room.pk, nonce=new_nonce(), body=SECRET
    )
    assert isinstance(held, HeldMark)
    mark = await in_database(held_posts.approve_post, actor=scene.ada, held_id=held.id)
    await scene.redact(mark.id)
    await scene.carry(2)
    await scene.carry(1)
    await scene.carry(0)
    assert scene.mirror.bodies() == [""]
    assert SECRET not in str(scene.shown)
    assert scene.mirror.facts is not None
    assert scene.mirror.facts["approve_first"] == "everyone"
