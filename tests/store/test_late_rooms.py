"""Posts that wait for held rooms: every room has its turn, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError

from chat import late_rooms, posting
from chat.late_rooms import LateRooms
from chat.posting import LATER, commit_posts_of_free_rooms
from chat.protocol import Mark

TURN_S = 10.0
DONE = Mark(id=1, seq=1, revision=1)


def waiting(room_id: int) -> tuple[Any, asyncio.Future[Any]]:
    """A post to the room, as the writer hands it on."""
    return SimpleNamespace(room_id=room_id), asyncio.get_running_loop().create_future()


async def test_a_room_has_its_turn_though_others_never_come_to_rest() -> None:
    busy = range(1, late_rooms.THREADS + 1)
    over = threading.Event()

    def store(intents: Sequence[Any]) -> Sequence[Any]:
        room_id = intents[0].room_id
        if room_id in busy and not over.is_set():
            # Before these are stored the next one is there.
            late.keep([(SimpleNamespace(room_id=room_id), loop.create_future())])
        return [DONE] * len(intents)

    loop = asyncio.get_running_loop()
    late = LateRooms(store)
    last = waiting(late_rooms.THREADS + 1)
    try:
        late.add([*map(waiting, busy), last])
        assert await asyncio.wait_for(last[1], TURN_S) == DONE
    finally:
        over.set()


async def test_a_fault_beside_the_store_leaves_nobody_waiting_in_the_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def count(outcomes: Sequence[object]) -> None:
        monkeypatch.undo()
        # Who comes now waits with the first.
        late.keep([behind])
        raise ZeroDivisionError

    late = LateRooms(lambda intents: [DONE] * len(intents))
    monkeypatch.setattr(late_rooms.metrics, "count_posts", count)
    first, behind, after = waiting(7), waiting(7), waiting(7)
    late.add([first])
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(behind[1], TURN_S)
    assert await first[1] == DONE
    assert late.waiting == 0
    # The room is no longer late: its next post goes the common way.
    assert late.keep([after]) == [after]


@pytest.mark.django_db
def test_of_posts_stored_one_by_one_none_overtakes_one_that_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where a nonce spoils a batch, each is tried alone, and a held room may come free between."""
    held_for = 1

    class Batch:
        def __init__(self, intents: Sequence[Any], *, waits: bool) -> None:
            self.intents = intents

        def store(self) -> list[Any]:
            nonlocal held_for
            if len(self.intents) > 1:
                raise IntegrityError
            if self.intents[0].room_id == 7 and held_for:
                held_for -= 1
                return [LATER]
            return [DONE]

    monkeypatch.setattr(posting, "_Batch", Batch)
    posts: Any = [SimpleNamespace(room_id=room_id) for room_id in (7, 8, 7)]
    assert commit_posts_of_free_rooms(posts) == [LATER, DONE, LATER]
