"""What is redacted while it is being told is told no further."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from chat import fanout as fanout_module
from chat.actions.redaction import redact_messages
from chat.fanout import Fanout
from chat.feed import Feed
from chat.hub import running_hub
from chat.models import Message, Room, User
from chat.shared_frame import SharedFrame
from chat.tail import Tail
from tests.conftest import Post
from tests.core.test_nobody_stays_deaf import OpenLayer, aside, until
from tests.faults.asgi_window import AsgiWindow, sign_in
from tests.faults.conftest import use_layer

SECRET = "The password is swordfish."


class Ear:
    """An outlet that takes everything at once."""

    blocked = False

    def __init__(self) -> None:
        self.heard: list[str] = []

    def offer(self, frame: SharedFrame) -> bool:
        self.heard.append(frame.text)
        return True


def announcement(room: int, since: int, text: str) -> Any:
    part = [1, since + 1, f'{{"body":"{text}"}}']
    return {
        "type": "changes",
        "room": room,
        "since": since,
        "revision": since + 1,
        "last_seq": 1,
        "parts": [part],
        "facts": None,
    }


async def test_the_last_of_a_large_room_are_not_told_what_is_gone_by_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fanout_module, "FEEDS_PER_TURN", 10)
    fanout = Fanout(1)
    fanout.tail = Tail(0)
    ears = [Ear() for _ in range(40)]
    for ear in ears:
        feed = Feed(fanout, SimpleNamespace(outlet=ear, feeds={}))  # type: ignore[arg-type]
        fanout.feeds.add(feed)
        feed.go_live(0)
    fanout.hear(announcement(1, 0, SECRET))
    while not any(ear.heard for ear in ears):
        await asyncio.sleep(0)
    assert not all(ear.heard for ear in ears)
    # Between two turns of the loop the tombstone is heard.
    fanout.hear(announcement(1, 1, ""))
    told = sum(SECRET in str(ear.heard) for ear in ears)
    await until(lambda: fanout._flushing is None)
    assert sum(SECRET in str(ear.heard) for ear in ears) == told
    assert all('"revision":2' in ear.heard[-1] for ear in ears)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("hub_ends", "layer_back")
async def test_who_could_take_nothing_meanwhile_gets_the_tombstone_alone(
    ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    """A resume from the database waits for the reader, and only then reads."""
    use_layer(OpenLayer())
    window = AsgiWindow(await aside(sign_in, eve))
    window.send("subscribe", room=lobby.pk)
    await window.hear("subscribed")
    hub = running_hub()
    assert hub is not None
    fanout = hub.fanouts[lobby.pk]
    [feed] = fanout.feeds
    window.stall()
    window.send("ping")
    await until(lambda: feed.connection.outlet.blocked)
    message: Message = await aside(post, bob, lobby, SECRET)
    # As in the moment before it stalled: the tail does not reach back to where it stands.
    feed.live = False
    resuming = asyncio.create_task(fanout._resume(feed))
    await asyncio.sleep(0.1)
    await aside(lambda: redact_messages(actor=ada, message_ids=[message.pk], reason="Gone"))
    window.go_on()
    await resuming
    frame = await window.hear("changes")
    assert [(m["body"], bool(m["redacted"])) for m in frame["messages"]] == [("", True)]
    await window.leave()
