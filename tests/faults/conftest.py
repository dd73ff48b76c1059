"""Hubs that end with their test, and a channel layer of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from channels.layers import channel_layers

from chat import announce, hub


@pytest.fixture
def no_hub_before() -> Iterator[None]:
    """No bell hangs in a loop that has ended."""
    announce._bells.clear()
    yield
    announce._bells.clear()


def use_layer(layer: Any) -> Any:
    """Let hubs and bells use ``layer`` from now on; return the one before."""
    return channel_layers.set("default", layer)


async def crash() -> None:
    """End the hub of this loop and everything that it runs, as abruptly as a kill does."""
    loop = asyncio.get_running_loop()
    hub._hubs.pop(loop, None)
    announce._bells.clear()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def hub_ends(no_hub_before: None) -> AsyncIterator[None]:
    """End the hub of the test's loop after the test."""
    yield
    await crash()


@pytest.fixture
def layer_back() -> Iterator[None]:
    """The channel layer of the settings is there again after the test."""
    before = channel_layers["default"]
    yield
    use_layer(before)
