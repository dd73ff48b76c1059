"""A process that hears nothing for a while on the Redis layer still hears what comes then."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from channels.layers import BaseChannelLayer, ChannelLayerManager
from django.test import override_settings

from chatsite import environment, layers
from tests.setup.conftest import free_port

IDLE_S = 15
"""Three times what redis-py 8 takes for a dead line unless told otherwise."""


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("redis-server is missing, and CI runs every test.")
        pytest.skip("redis-server is not installed.")
    port = free_port()
    process = subprocess.Popen(
        [
            program,
            "--port",
            str(port),
            "--save",
            "",
            "--dir",
            str(tmp_path),
            "--loglevel",
            "warning",
        ]
    )
    client = redis.Redis(port=port)
    try:
        _wait_for(client)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        client.close()
        process.terminate()
        process.wait(10)


def _wait_for(client: redis.Redis) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            assert time.monotonic() < deadline, "redis-server does not answer."
            time.sleep(0.05)
        else:
            return


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
    await asyncio.sleep(IDLE_S)
    assert not heard.done()
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


def test_an_encrypted_line_is_allowed() -> None:
    settings = layers.channel_layer(["rediss://:secret@cache:6380/0"])
    assert settings["CONFIG"]["hosts"][0]["address"].startswith("rediss://")
