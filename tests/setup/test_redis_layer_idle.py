"""A process that hears nothing for a while on the Redis layer still hears what comes then."""

from __future__ import annotations

import asyncio
from pathlib import Path

from channels.layers import BaseChannelLayer, ChannelLayerManager
from django.test import override_settings

from chatsite import environment

IDLE_S = 15
"""Three times what redis-py 8 takes for a dead line unless told otherwise."""


def layer_of(tmp_path: Path, url: str) -> BaseChannelLayer:
    """A layer as the site makes it. Each call is as good as a process of its own."""
    env = environment.read(tmp_path, {"REDIS_URL": url})
    assert not env.in_process
    with override_settings(CHANNEL_LAYERS={"default": env.channel_layer}):
        return ChannelLayerManager()["default"]


async def test_a_channel_idle_for_15_seconds_still_receives(tmp_path: Path, redis_url: str) -> None:
    hearer, teller = layer_of(tmp_path, redis_url), layer_of(tmp_path, redis_url)
    channel = await hearer.new_channel()
    await hearer.group_add("room.1", channel)
    heard = asyncio.ensure_future(hearer.receive(channel))
    done, _waiting = await asyncio.wait({heard}, timeout=IDLE_S)
    assert not done, f"It did not stay to listen: {heard.exception()!r}"
    await teller.group_send("room.1", {"type": "changes", "revision": 1})
    assert await asyncio.wait_for(heard, 2) == {"type": "changes", "revision": 1}
    await hearer.flush()
    await teller.flush()


async def test_several_addresses_are_shards_that_are_all_heard(
    tmp_path: Path, redis_url: str
) -> None:
    both = f"{redis_url}, {redis_url.removesuffix('0')}1"
    hearer, teller = layer_of(tmp_path, both), layer_of(tmp_path, both)
    channel = await hearer.new_channel()
    for room in range(8):
        await hearer.group_add(f"room.{room}", channel)
        await teller.group_send(f"room.{room}", {"type": "changes", "room": room})
        told = await asyncio.wait_for(hearer.receive(channel), 2)
        assert told["room"] == room
    await hearer.flush()
    await teller.flush()


async def test_sites_in_two_databases_of_one_redis_do_not_hear_each_other(
    tmp_path: Path, redis_url: str
) -> None:
    ours, theirs = layer_of(tmp_path, redis_url), layer_of(tmp_path, redis_url[:-1] + "1")
    channel = await ours.new_channel()
    await ours.group_add("person.1", channel)
    await theirs.group_send("person.1", {"type": "read", "site": "theirs"})
    await ours.group_send("person.1", {"type": "read", "site": "ours"})
    told = await asyncio.wait_for(ours.receive(channel), 2)
    assert told["site"] == "ours"
    await ours.flush()
    await theirs.flush()
