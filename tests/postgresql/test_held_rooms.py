"""A room whose row somebody else holds: its posts wait, then hear ``busy``; no other room waits."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from typing import Any

import pytest

from chat import late_rooms
from chat.actions.members import amark_read
from chat.actions.messages import submit_post
from chat.errors import BusyError, NotFoundError
from chat.models import Membership, Message, Room, User
from chat.protocol import Mark
from chatsite.databases import LOCK_TIMEOUT_S
from tests.conftest import new_nonce
from tests.core.test_nobody_stays_deaf import aside
from tests.figures import Tell
from tests.postgresql.conftest import held

pytestmark = [
    pytest.mark.only_on("postgresql"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("only_ours"),
]
HOLD = "SELECT 1 FROM chat_room WHERE id = %s FOR UPDATE"
UNNOTICED_S = 1.0
"""Well below the lock timeout, whatever else the machine has to do."""


async def say(author: User, room: Room, body: str, nonce: str = "") -> asyncio.Future[Any]:
    return await submit_post(actor=author, room_id=room.pk, nonce=nonce or new_nonce(), body=body)


def bodies(room: Room) -> list[str]:
    rows = Message.objects.filter(room=room).order_by("seq")
    return list(rows.values_list("body", flat=True))


async def test_the_posts_of_other_rooms_do_not_wait_for_a_held_one(
    ada: User, bob: User, lobby: Room, cellar: Room, tell: Tell
) -> None:
    waits = []
    with held(HOLD, cellar.pk):
        # Each batch has a post to the held room in it.
        late = [await say(bob, cellar, "Later.")]
        for number in range(20):
            since = time.monotonic()
            late.append(await say(ada, cellar, f"Later {number}."))
            mark = await (await say(bob, lobby, f"Now {number}."))
            waits.append(time.monotonic() - since)
            assert mark.seq == number + 1
        assert not any(post.done() for post in late)
    tell(f"beside a held room a post took {max(waits) * 1000:.0f} ms at the most")
    assert max(waits) < UNNOTICED_S
    assert [(await post).seq for post in late] == list(range(1, 22))


async def test_a_room_that_stays_held_is_busy_after_the_lock_timeout_and_nothing_is_stored(
    ada: User, bob: User, cellar: Room
) -> None:
    with held(HOLD, cellar.pk):
        since = time.monotonic()
        first = await say(bob, cellar, "First.", "nonce-first")
        await asyncio.sleep(LOCK_TIMEOUT_S / 2)
        # Whoever comes meanwhile hears it too: stored later it would stand before the first.
        second = await say(bob, cellar, "Second.")
        for post in (first, second):
            with pytest.raises(BusyError) as refusal:
                await post
            assert refusal.value.retry_after
        assert LOCK_TIMEOUT_S - 0.5 < time.monotonic() - since < 2 * LOCK_TIMEOUT_S
        assert await aside(bodies, cellar) == []
    assert (await (await say(bob, cellar, "First.", "nonce-first"))).seq == 1


async def test_posts_to_a_room_keep_their_order_when_it_is_held_in_between(
    ada: User, bob: User, lobby: Room, cellar: Room
) -> None:
    said = []
    marks: list[asyncio.Future[Any]] = []
    for round_ in range(6):
        with ExitStack() as stack:
            if round_ % 2:
                stack.enter_context(held(HOLD, cellar.pk))
            for author in (ada, bob) * 5:
                said.append(f"{author.display_name} {len(said)}")
                marks.append(await say(author, cellar, said[-1]))
                await say(author, lobby, said[-1])
                # Some while the room is held, some just as it comes free.
                await asyncio.sleep(0.002)
    assert [(await mark).seq for mark in marks] == list(range(1, len(said) + 1))
    assert await aside(bodies, cellar) == said
    assert await aside(bodies, lobby) == said


async def test_more_held_rooms_than_threads_delay_nobody_else(
    ada: User, bob: User, lobby: Room
) -> None:
    def make(number: int) -> Room:
        from chat.actions import rooms

        return rooms.create_room(actor=bob, name=f"Room {number}")

    many = [await aside(make, number) for number in range(late_rooms.THREADS + 2)]
    with ExitStack() as stack:
        for room in many:
            stack.enter_context(held(HOLD, room.pk))
        late = [await say(bob, room, "Later.") for room in many]
        since = time.monotonic()
        await (await say(bob, lobby, "Now."))
        assert time.monotonic() - since < UNNOTICED_S
        outcomes = await asyncio.gather(*late, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {BusyError}


async def test_a_retry_is_answered_though_its_room_is_held(bob: User, lobby: Room) -> None:
    mark: Mark = await (await say(bob, lobby, "Once.", "nonce-once"))
    with held(HOLD, lobby.pk):
        assert await (await say(bob, lobby, "Once.", "nonce-once")) == mark


async def test_a_room_that_is_not_there_is_no_held_one(bob: User, lobby: Room) -> None:
    nowhere = Room(pk=987_654_321)
    alone = await say(bob, nowhere, "Hello?")
    with pytest.raises(NotFoundError):
        await alone
    both = [await say(bob, nowhere, "Hello?"), await say(bob, lobby, "Hello.")]
    with pytest.raises(NotFoundError):
        await both[0]
    assert (await both[1]).seq == 1


async def test_posts_do_not_wait_for_a_read_mark_that_somebody_holds(
    ada: User, bob: User, lobby: Room, cellar: Room
) -> None:
    membership = await aside(Membership.objects.get, user=ada, room=cellar)
    with held("SELECT 1 FROM chat_membership WHERE id = %s FOR UPDATE", membership.pk):
        mark = await (await say(bob, cellar, "Read this."))
        reading = asyncio.ensure_future(amark_read(actor=ada, room_id=cellar.pk, seq=mark.seq))
        await asyncio.sleep(0.1)
        since = time.monotonic()
        await (await say(bob, lobby, "Now."))
        assert time.monotonic() - since < UNNOTICED_S
        with pytest.raises(BusyError):
            await reading
