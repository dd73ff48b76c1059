"""A line to Redis that is open and dead, with nothing to say so, is found out by its hub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from channels.layers import ChannelLayerManager
from django.test import override_settings

from chat import self_bell
from chat.announce import SITE_GROUP
from chat.hub import Hub, get_hub
from chat.layer_health import LayerHealth, redis_health, say_health
from chatsite import environment
from tests.core.test_nobody_stays_deaf import until
from tests.faults.conftest import use_layer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("hub_ends", "layer_back"),
]


class Forgetful:
    """Stands between a process and Redis; lines that it forgets stay open and carry nothing."""

    def __init__(self, port: int) -> None:
        self._redis_port = port
        self._era = 0
        self.lines = 0
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def forget(self) -> None:
        """As a firewall does that has lost its table: no answer, no end, on what is open now."""
        self._era += 1

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._redis_port)
        for each in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._carry(*each, self._era))
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, era: int
    ) -> None:
        while data := await reader.read(2**16):
            if era == self._era:
                writer.write(data)
        if era == self._era:
            writer.close()

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._carrying):
            task.cancel()


@pytest.fixture
async def between(redis_url: str) -> AsyncIterator[Forgetful]:
    between = Forgetful(int(redis_url.rpartition(":")[2].split("/")[0]))
    yield between
    await between.close()
    say_health(LayerHealth())


async def hub_at(tmp_path: Path, url: str) -> Hub:
    site = environment.read(tmp_path, {"REDIS_URL": url})
    with override_settings(CHANNEL_LAYERS={"default": site.channel_layer}):
        layer = ChannelLayerManager()["default"]
    # Only now: at the end of the settings all layers are forgotten.
    use_layer(layer)
    return await get_hub()


async def test_a_line_that_carries_nothing_any_more_is_opened_anew(
    tmp_path: Path, between: Forgetful, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_bell, "RING_EVERY_S", 0.05)
    monkeypatch.setattr(self_bell, "DEAF_AFTER_S", 0.5)
    hub = await hub_at(tmp_path, f"redis://127.0.0.1:{await between.open()}/0")
    looked: list[bool] = []
    monkeypatch.setattr(hub.watches, "look_soon", lambda: looked.append(True))
    heard: list[str] = []
    monkeypatch.setattr(hub.site, "look", lambda: _note(heard))
    await until(lambda: bool(hub.self_bell._ears))
    [ear] = hub.self_bell._ears
    began = ear.heard_at
    await until(lambda: ear.heard_at > began)
    assert redis_health().bells_ring

    between.forget()
    await until(lambda: not redis_health().bells_ring)
    await until(lambda: redis_health().bells_ring)
    assert looked, "What was missed meanwhile is looked for."
    # And not only its own: whatever others ring is heard again.
    site = environment.read(tmp_path, {"REDIS_URL": redis_url})
    with override_settings(CHANNEL_LAYERS={"default": site.channel_layer}):
        other = ChannelLayerManager()["default"]
    await other.group_send(SITE_GROUP, {"type": "site"})
    await until(lambda: bool(heard))
    await other.flush()
    await hub.groups.layer.flush()


async def _note(heard: list[str]) -> None:
    heard.append("site")
