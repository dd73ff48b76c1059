"""Whether each Redis can be reached, is one that we can use, and carries a bell."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import redis
from channels.layers import get_channel_layer
from django.conf import settings
from django.utils.translation import gettext as _

from chat.announce import LAYER_ERRORS
from chat.redis.breaker import REDIS_ERRORS
from chatsite.doctor.finding import Finding, wrong

LEAST_VERSION = (6, 2)
"""The first with ``SET … GET``, by which a process learns that it was taken for dead."""
BELL_WAIT_S = 4.0
_RING_EVERY_S = 0.2


def can_be_used() -> Iterator[Finding]:
    """Ask each Redis what it is."""
    for address in settings.REDIS:
        client = redis.Redis(connection_pool=address.pool())
        try:
            yield from judged(address.shown, client.info())
        except REDIS_ERRORS as error:
            yield wrong(
                _("Redis at %(where)s cannot be asked (%(error)s).")
                % {"where": address.shown, "error": type(error).__name__},
                _("Start it, or correct REDIS_URL. Until then the site is slower, not down."),
            )
        finally:
            client.close()


def judged(where: str, info: dict[str, Any]) -> Iterator[Finding]:
    """Judge what one Redis says of itself."""
    version = str(info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < LEAST_VERSION:
        yield wrong(
            _("Redis at %(where)s is version %(version)s; the site needs %(least)s or newer.")
            % {"where": where, "version": version, "least": ".".join(map(str, LEAST_VERSION))},
            _("Upgrade it."),
        )
    if info.get("redis_mode") == "cluster":
        yield wrong(
            _("Redis at %(where)s is a cluster, to which the site cannot speak.")
            % {"where": where},
            _("Name single servers in REDIS_URL, with commas between them."),
        )
    if info.get("role") == "slave":
        yield wrong(
            _("Redis at %(where)s is a replica, in which nothing can be counted.")
            % {"where": where},
            _("Name its primary in REDIS_URL, or its Sentinels."),
        )
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if int(info.get("maxmemory", 0)) and policy != "noeviction":
        yield wrong(
            _(
                "Redis at %(where)s forgets what it likes when it is full (%(policy)s): throttles "
                "and counts among it."
            )
            % {"where": where, "policy": policy},
            _("Set maxmemory-policy noeviction, or give the site a Redis of its own."),
        )


def bells_are_heard() -> Iterator[Finding]:
    """Ring a bell through each Redis, and listen whether it is heard here."""
    if not settings.REDIS:
        return
    for address, is_heard in zip(settings.REDIS, asyncio.run(_listen()), strict=True):
        if not is_heard:
            yield wrong(
                _("A bell that was rung through Redis at %(where)s was not heard.")
                % {"where": address.shown},
                _(
                    "Look at its log and its limits for clients that subscribe (client-output-"
                    "buffer-limit pubsub, ACL channels)."
                ),
            )


async def _listen() -> list[bool]:
    """Return for each Redis whether its bell was heard within ``BELL_WAIT_S``."""
    layer: Any = get_channel_layer()
    groups = layer.line.groups_of_shards(f"doctor.{secrets.token_hex(4)}")
    channel = await layer.new_channel()
    heard: set[str] = set()
    try:
        async with asyncio.timeout(BELL_WAIT_S):
            for group in groups:
                with suppress(*LAYER_ERRORS):
                    await layer.group_add(group, channel)
            ringing = asyncio.create_task(_ring(layer, groups))
            try:
                while len(heard) < len(groups):
                    heard.add((await layer.receive(channel))["group"])
            finally:
                ringing.cancel()
    except LAYER_ERRORS:
        # What was not heard until now is not heard.
        return [group in heard for group in groups]
    finally:
        await layer.line.flush()
    return [group in heard for group in groups]


async def _ring(layer: Any, groups: list[str]) -> None:
    # Again and again: a line takes a moment to be opened, and nobody says when it is.
    for _again in range(int(BELL_WAIT_S / _RING_EVERY_S)):
        for group in groups:
            # What it means is judged by what is heard.
            with suppress(*LAYER_ERRORS):
                await layer.group_send(group, {"type": "probe", "group": group})
        await asyncio.sleep(_RING_EVERY_S)
