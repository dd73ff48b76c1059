"""The store went back in time: every client starts anew, and nothing of the old one is told."""

from __future__ import annotations

import pytest
from django.db import connection

from chat.models import Message, Room, Store, User
from tests.conftest import Post
from tests.core.test_nobody_stays_deaf import OpenLayer, aside, hub, until
from tests.faults.asgi_window import AsgiWindow, sign_in
from tests.faults.conftest import use_layer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("hub_ends", "layer_back"),
]


def _restore(room: Room, epoch: str = "another") -> None:
    """Bring back the room as it was when it was made."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM chat_message WHERE room_id = %s", [room.pk])
    Room.log.filter(pk=room.pk).update(revision=room.revision, last_seq=room.last_seq)
    Store.objects.update(epoch=epoch)


async def test_who_comes_at_once_sees_nothing_of_the_store_that_was(
    ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    use_layer(OpenLayer())
    sessions = [await aside(sign_in, user) for user in (bob, eve)]
    before = AsgiWindow(sessions[0])
    before.send("subscribe", room=lobby.pk)
    await before.hear("subscribed")
    await aside(post, ada, lobby, "This never was.")
    await before.hear("changes")
    # It takes nothing more, so that its end takes a while.
    before.stall()
    await aside(_restore, lobby)
    await hub().watches.look_at_heads()
    after = AsgiWindow(sessions[1])
    assert (await after.hear("welcome"))["epoch"] == "another"
    after.send("subscribe", room=lobby.pk)
    snapshot = (await after.hear("subscribed"))["snapshot"]
    assert (snapshot["revision"], snapshot["messages"]) == (lobby.revision, [])
    await aside(post, ada, lobby, "This is.")
    frame = await after.hear("changes")
    assert [message["body"] for message in frame["messages"]] == ["This is."]
    assert await Message.objects.acount() == 1
    await before.leave()
    await after.leave()


async def test_a_cursor_of_the_old_epoch_gets_a_snapshot_from_the_first_moment(
    bob: User, lobby: Room
) -> None:
    """Before any page was asked for in the new one."""
    use_layer(OpenLayer())
    session = await aside(sign_in, bob)
    before = AsgiWindow(session)
    old = (await before.hear("welcome"))["epoch"]
    await aside(Store.objects.update, epoch="another")
    await hub().watches.look_at_heads()
    await before.leave()
    after = AsgiWindow(session)
    await after.hear("welcome")
    command = after.send("subscribe", room=lobby.pk, cursor=f"{old}:{lobby.revision}")
    frame = await after.hear("subscribed", id=command)
    assert frame["snapshot"]["revision"] == lobby.revision
    await after.leave()


async def test_a_store_that_lost_its_last_words_gets_a_new_epoch_by_itself(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    """A failover to a copy that was behind: nobody was there to say that it is another store."""
    use_layer(OpenLayer())
    session = await aside(sign_in, bob)
    before = AsgiWindow(session)
    old = (await before.hear("welcome"))["epoch"]
    before.send("subscribe", room=lobby.pk)
    await before.hear("subscribed")
    await aside(post, ada, lobby, "This was lost.")
    reached = (await before.hear("changes"))["revision"]
    await hub().watches.look_at_heads()
    assert hub().epoch == old
    await aside(_restore, lobby, epoch=old)
    await hub().watches.look_at_heads()
    await until(lambda: before.close_code == 4012)
    await before.leave()
    # Two are said before the client is back: its cursor is not ahead of the head any more.
    for body in ("One.", "Two."):
        await aside(post, ada, lobby, body)
    after = AsgiWindow(session)
    assert (await after.hear("welcome"))["epoch"] != old
    after.send("subscribe", room=lobby.pk, cursor=f"{old}:{reached}")
    snapshot = (await after.hear("subscribed"))["snapshot"]
    assert [message["body"] for message in snapshot["messages"]] == ["One.", "Two."]
    await after.leave()
