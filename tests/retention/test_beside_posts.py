"""Old messages go while people post: nobody waits long, nothing that stays is touched."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from chat.actions import messages
from chat.actions.retention import prune_room
from chat.models import Message, Room, User
from chat.retention import rule_of
from chat.search.rebuilding import rebuild
from chat.verifying import find_damage
from tests.conftest import fresh, new_nonce
from tests.figures import Tell
from tests.retention.conftest import Said

OLD, TALKERS = 600, 2


@contextmanager
def talking(author: User, room: Room) -> Iterator[list[float]]:
    """Post from several threads meanwhile; the list has how long each post took."""
    took: list[float] = []
    enough = threading.Event()

    def talk(_: int) -> None:
        try:
            while not enough.is_set():
                since = time.monotonic()
                body = f"Meanwhile {len(took)}."
                messages.post_message(actor=author, room_id=room.pk, nonce=new_nonce(), body=body)
                took.append(time.monotonic() - since)
                time.sleep(0.005)
        finally:
            connection.close()

    with ThreadPoolExecutor(TALKERS) as pool:
        working = [pool.submit(talk, number) for number in range(TALKERS)]
        try:
            yield took
        finally:
            enough.set()
            for work in working:
                work.result(30)


@pytest.mark.django_db(transaction=True)
def test_posts_go_on_while_old_messages_go(
    bob: User, lobby: Room, said: Said, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.actions.retention.MESSAGES_A_SLICE", 50)
    said(lobby, 3, days_ago=0)
    _multiply(lobby, OLD)
    with talking(bob, lobby) as took:
        removed = list(prune_room(room_id=lobby.pk, rule=rule_of(days=30)))
    assert sum(removed) == OLD
    assert len(removed) == OLD // 50
    room = fresh(lobby)
    assert room.pruned_to_seq == OLD
    left = list(Message.objects.filter(room=lobby).order_by("seq").values_list("seq", flat=True))
    assert left == list(range(OLD + 1, OLD + len(took) + 1))
    assert list(find_damage()) == []
    tell(
        f"{connection.vendor}: {OLD} messages went in {len(removed)} slices, and {len(took)} posts "
        f"came in, the slowest in {max(took) * 1000:.0f} ms"
    )


def _multiply(room: Room, count: int) -> None:
    """Make many old messages out of the first, without a word to anybody, and index them."""
    first = Message.objects.filter(room=room).order_by("seq").first()
    assert first is not None
    old = timezone.now() - timedelta(days=31)
    Message.log.filter(room=room).update(created_at=old)
    known = Message.objects.filter(room=room).count()
    base = fresh(room).revision
    Message.log.bulk_create(
        Message(
            room=room,
            seq=known + number,
            revision=base + number,
            author_id=first.author_id,
            nonce=new_nonce(),
            nonce_digest=first.nonce_digest,
            body=f"Old number {number}.",
            created_at=old,
        )
        for number in range(1, count - known + 1)
    )
    Room.log.filter(pk=room.pk).update(last_seq=count, revision=base + count - known)
    list(rebuild())
