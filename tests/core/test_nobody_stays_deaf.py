"""Whatever comes at the wrong moment: a feed hears on, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from django.db import ProgrammingError, connection

from chat import resume, room_head
from chat.actions import messages
from chat.fanout import Fanout
from chat.hub import running_hub
from chat.models import Room, User
from chat.post_intents import PostIntent
from chat.posting import commit_posts
from tests.conftest import new_nonce
from tests.faults.asgi_window import AsgiWindow, sign_in
from tests.faults.conftest import use_layer
from tests.faults.lossy_layer import HeldLayer, Message

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("hub_ends", "layer_back"),
]

T = TypeVar("T")


class OpenLayer(HeldLayer):
    """Loses nothing; joining and leaving wait for whoever holds ``gates``."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: dict[str, asyncio.Event] = {}

    async def _wait(self, act: str) -> None:
        if act in self.gates:
            await self.gates[act].wait()

    def is_joined(self, group: str) -> bool:
        """Whether anybody is in the group: a hub joins just after the welcome was sent."""
        return bool(self._groups[group])

    async def group_add(self, group: str, channel: str) -> None:
        await self._wait(f"add {group}")
        await super().group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        await self._wait(f"discard {group}")
        await super().group_discard(group, channel)

    def carry(self, channel: str, message: Message) -> None:
        self.hand_over(channel, message)


def say(author: User, room: Room, body: str = "Hello.") -> Any:
    return messages.post_message(actor=author, room_id=room.pk, nonce=new_nonce(), body=body)


async def test_who_comes_when_a_reading_has_just_ended_does_not_stop_the_process(
    bob: User, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    fanout = Fanout(lobby.pk)
    read, asked = resume.read_newest_changes, 0

    def read_and_post(room_id: int) -> Any:
        found = read(room_id)
        say(bob, lobby)
        return found

    monkeypatch.setattr(resume, "read_newest_changes", read_and_post)
    heal_soon = fanout._heal_soon

    def counted() -> Any:
        nonlocal asked
        asked += 1
        assert asked < 1_000, "It asks the same ended task for ever."
        return heal_soon()

    reading = heal_soon()
    while not reading.done():
        await asyncio.sleep(0)
    assert fanout.tail is not None
    head = fanout.tail.head
    # Ended in this very turn of the loop; the room had gone on after it was read.
    monkeypatch.setattr(fanout, "_heal_soon", counted)
    tail = await asyncio.wait_for(fanout.catch_up_to(head + 1), 10)
    assert tail.head == head + 1


async def test_a_feed_that_began_while_others_left_hears_what_is_said(
    ada: User, bob: User, eve: User, lobby: Room
) -> None:
    """The room is opened for one, waited for by another, and idle for a moment between."""
    layer = use_and_return(OpenLayer())
    other = await aside(make_outsider)
    sessions = [await aside(sign_in, user) for user in (eve, other)]
    gate = layer.gates[f"add room.{lobby.pk}"] = asyncio.Event()
    first, second = (AsgiWindow(session) for session in sessions)
    await first.hear("welcome")
    await second.hear("welcome")
    first.send("subscribe", room=lobby.pk)
    await until(lambda: lobby.pk in hub().fanouts)
    second.send("subscribe", room=lobby.pk)
    second.send("unsubscribe", room=lobby.pk)
    for _ in range(200):
        await asyncio.sleep(0.001)
    gate.set()
    await first.hear("subscribed")
    await aside(say, bob, lobby, "Is anybody there?")
    assert (await first.hear("changes"))["messages"][0]["body"] == "Is anybody there?"
    # Pings look at each followed room, and must not fall over one that is nowhere.
    for each in hub().connections:
        for room_id in each.feeds:
            assert hub().fanouts[room_id].feeds
    await first.leave()
    await second.leave()


async def test_who_comes_while_the_room_is_still_being_joined_misses_nothing(
    bob: User, eve: User, lobby: Room
) -> None:
    layer = use_and_return(OpenLayer())
    other = await aside(make_outsider)
    sessions = [await aside(sign_in, user) for user in (eve, other)]
    gate = layer.gates[f"add room.{lobby.pk}"] = asyncio.Event()
    first, second = (AsgiWindow(session) for session in sessions)
    first.send("subscribe", room=lobby.pk)
    await until(lambda: running_hub() is not None and lobby.pk in hub().fanouts)
    second.send("subscribe", room=lobby.pk)
    for _ in range(100):
        await asyncio.sleep(0.001)
    # Nobody is told that they follow before the group is joined: this would be lost.
    await aside(say, bob, lobby, "Early.")
    gate.set()
    for window in (first, second):
        frame = await window.hear("subscribed")
        assert frame["snapshot"]["messages"][0]["body"] == "Early."
    await first.leave()
    await second.leave()


async def test_who_comes_back_while_the_group_is_being_left_is_in_it_again(
    bob: User, eve: User, lobby: Room
) -> None:
    layer = use_and_return(OpenLayer())
    window = AsgiWindow(await aside(sign_in, eve))
    window.send("subscribe", room=lobby.pk)
    await window.hear("subscribed")
    gate = layer.gates[f"discard room.{lobby.pk}"] = asyncio.Event()
    window.send("unsubscribe", room=lobby.pk)
    await window.hear("ok")
    window.send("subscribe", room=lobby.pk)
    await window.hear("subscribed")
    gate.set()
    await asyncio.sleep(0.05)
    await aside(say, bob, lobby, "Welcome back.")
    await asyncio.wait_for(window.hear("changes"), 2)
    await window.leave()


async def test_a_feed_whose_resume_failed_hears_on(
    bob: User, eve: User, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only by a busy store: a restore takes its tables away for a moment."""
    use_layer(OpenLayer())
    window = AsgiWindow(await aside(sign_in, eve))
    window.send("subscribe", room=lobby.pk)
    await window.hear("subscribed")
    fanout = hub().fanouts[lobby.pk]
    [feed] = fanout.feeds

    def broken(*args: Any) -> None:
        raise ProgrammingError("no such table")

    with monkeypatch.context() as patch:
        patch.setattr(resume, "changes_since", broken)
        # As after a large batch: the tail no longer reaches back to where it stands.
        assert fanout.tail is not None
        fanout.tail.start = fanout.tail.head
        feed.cursor -= 1
        fanout.catch_up(feed)
        await until(lambda: not fanout._tasks)
    await aside(say, bob, lobby, "Back again.")
    frame = await window.hear("changes")
    assert frame["messages"][-1]["body"] == "Back again."
    await window.leave()


async def test_what_is_heard_in_excess_while_reading_never_turns_the_room_back(
    bob: User, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_head, "EARLY_LIMIT", 0)
    fanout = Fanout(lobby.pk)
    tail = await fanout.catch_up_to(0)
    head = tail.head
    await aside(commit_posts, [PostIntent(bob.pk, lobby.pk, new_nonce(), f"{n}") for n in range(3)])
    fanout._heal_soon()
    heads = [tail.head]
    # The one that closes the hole comes late, and more of them than are kept.
    announcement = {"type": "changes", "room": lobby.pk, "since": head, "revision": head + 9}
    fanout.hear({**announcement, "last_seq": 9, "parts": [], "facts": None})  # type: ignore[typeddict-item]
    for _ in range(200):
        heads.append(fanout.tail.head)
        await asyncio.sleep(0.001)
    assert heads == sorted(heads)


async def aside(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Do as ``asyncio.to_thread``, and give the thread's connection back."""

    def do() -> T:
        try:
            return work(*args, **kwargs)
        finally:
            connection.close()

    return await asyncio.to_thread(do)


def use_and_return(layer: OpenLayer) -> OpenLayer:
    use_layer(layer)
    return layer


def make_outsider() -> User:
    return User.objects.create_user("another outsider")


def hub() -> Any:
    found = running_hub()
    assert found is not None
    return found


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)
