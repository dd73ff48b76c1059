"""What connected people may see and do follows the database, and nothing is left behind."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chat import recheck as recheck_module
from chat.actions import site_roles
from chat.actions.sanctions import kick
from chat.models import AuditEntry, Membership, Message, Room, User
from chat.recheck import recheck
from tests.conftest import Post, let_in, moderates_the_site
from tests.core.test_nobody_stays_deaf import OpenLayer, aside, hub, until
from tests.faults.asgi_window import AsgiWindow, sign_in
from tests.faults.conftest import use_layer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("hub_ends", "layer_back"),
]


async def test_a_window_closed_while_grants_are_read_is_not_kept_for_ever(
    bob: User, lobby: Room, cellar: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_layer(OpenLayer())
    window = AsgiWindow(await aside(sign_in, bob))
    await window.hear("welcome")
    [connection] = hub().connections
    read = recheck_module.live_sessions
    reading, go_on = asyncio.Event(), asyncio.Event()
    real = recheck_module.in_database

    async def slowly(function: Any, *args: Any) -> Any:
        found = await real(function, *args)
        if function is read:
            reading.set()
            await go_on.wait()
        return found

    monkeypatch.setattr(recheck_module, "in_database", slowly)
    checking = asyncio.create_task(recheck(hub(), [bob.pk]))
    await reading.wait()
    await window.leave()
    go_on.set()
    await checking
    assert not any(connection in fanout.unread.watchers for fanout in hub().fanouts.values())
    assert hub().fanouts == {}


async def test_who_was_staff_moderates_no_longer_in_a_window_that_was_open(
    bob: User, eve: User, lobby: Room, post: Post
) -> None:
    use_layer(OpenLayer())
    owner = await aside(lambda: User.objects.create_superuser("the owner"))
    await aside(moderates_the_site, eve)
    message = await aside(post, bob, lobby, "Hello.")
    window = AsgiWindow(await aside(sign_in, eve))
    await window.hear("welcome")
    await aside(
        lambda: site_roles.set_site_role(actor=owner, user_id=eve.pk, site_role="", reason="Enough")
    )
    command = window.send("redact", message=message.pk)
    assert (await window.hear("error", id=command))["code"] == "forbidden"
    assert (await Message.objects.aget(pk=message.pk)).body == "Hello."
    assert not await AuditEntry.objects.filter(verb="redact").aexists()
    await window.leave()


async def test_who_was_switched_off_does_nothing_in_a_window_that_was_open(
    bob: User, lobby: Room, post: Post
) -> None:
    """Though nobody rang the bell and the socket still stands."""
    use_layer(OpenLayer())
    message = await aside(post, bob, lobby, "Hello.")
    window = AsgiWindow(await aside(sign_in, bob))
    await window.hear("welcome")
    await aside(User.objects.filter(pk=bob.pk).update, is_active=False)
    for command in (
        window.send("edit", message=message.pk, body="Ha."),
        window.send("redact", message=message.pk),
        window.send("subscribe", room=lobby.pk),
    ):
        assert (await window.hear("error", id=command))["code"] == "sign_in"
    assert (await Message.objects.aget(pk=message.pk)).body == "Hello."
    await window.leave()


async def test_who_was_let_in_and_put_out_before_anybody_looked_hears_no_more(
    ada: User, eve: User, cellar: Room
) -> None:
    use_layer(OpenLayer())
    window = AsgiWindow(await aside(sign_in, eve))
    await window.hear("welcome")
    await aside(let_in, cellar, eve)
    window.send("subscribe", room=cellar.pk)
    await window.hear("subscribed")
    # Nobody rang for either: as with a layer that is down.
    await Membership.log.filter(room=cellar, user=eve).adelete()
    await recheck(hub(), [eve.pk])
    assert (await window.hear("gone"))["room"] == cellar.pk
    assert not any(feed for fanout in hub().fanouts.values() for feed in fanout.feeds)
    await window.leave()


async def test_who_is_put_out_while_subscribing_is_not_told_the_room(
    ada: User, bob: User, cellar: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged as a member, and removed before the answer was written."""
    use_layer(OpenLayer())
    await aside(post, ada, cellar, "The secret.")
    window = AsgiWindow(await aside(sign_in, bob))
    await window.hear("welcome")
    fanout = hub().fanouts[cellar.pk]
    catch_up = fanout.catch_up_to
    waiting, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(revision: int) -> Any:
        waiting.set()
        await go_on.wait()
        return await catch_up(revision)

    monkeypatch.setattr(fanout, "catch_up_to", slowly)
    command = window.send("subscribe", room=cellar.pk)
    await waiting.wait()
    await aside(lambda: kick(actor=ada, room_id=cellar.pk, user_id=bob.pk, reason="Out"))
    await window.hear("gone")
    go_on.set()
    assert (await window.hear("error", id=command))["code"] == "not_found"
    assert "secret" not in str(window.frames)
    await window.leave()


async def test_the_first_frame_is_the_welcome_whatever_changes_meanwhile(
    bob: User, lobby: Room
) -> None:
    layer = OpenLayer()
    use_layer(layer)
    gate = layer.gates[f"add person.{bob.pk}"] = asyncio.Event()
    window = AsgiWindow(await aside(sign_in, bob))
    await until(lambda: _people(bob))
    await recheck(hub(), [bob.pk])
    gate.set()
    await window.hear("welcome")
    assert window.frames == []
    await window.leave()


def _people(user: User) -> bool:
    from chat.hub import running_hub

    found = running_hub()
    return found is not None and user.pk in found.people
