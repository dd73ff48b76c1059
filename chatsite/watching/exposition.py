"""``/metrics``: the figures of this process, as Prometheus reads them, and who may read them."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.exposition import generate_latest

from chat.hub import running_hub
from chat.metrics import REGISTRY
from chatsite.watching.gauges import Gauges
from chatsite.watching.readiness import Readiness

__all__ = ["CONTENT_TYPE", "Exposition", "may_read"]

FRESH_FOR_S = 1.0
_FORWARDED = {b"x-forwarded-for", b"forwarded", b"x-real-ip"}
_LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}

ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
_gauges = Gauges()
REGISTRY.register(_gauges)


def may_read(scope: dict[str, Any]) -> bool:
    """Whether the figures are for who asks: this machine past no proxy, or who has the token."""
    headers = dict(scope["headers"])
    token = settings.METRICS_TOKEN
    shown = headers.get(b"authorization", b"")
    if token and hmac.compare_digest(shown, f"Bearer {token}".encode("ascii")):
        return True
    # The host too: a proxy on this machine passes it on, and a page of another site that
    # had its own name point here would ask in that name.
    return (
        not _FORWARDED & headers.keys()
        and _is_loopback((scope.get("client") or ("",))[0])
        and _name_of(headers.get(b"host", b"")) in _LOOPBACK_HOSTS
    )


class Exposition:
    """The text, made once a second at most. Used from one event loop at a time."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness
        self._kept: tuple[float, bytes] = (float("-inf"), b"")
        self._turn = asyncio.Lock()
        # Putting the text together takes milliseconds; sockets are served meanwhile.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metrics")

    async def text(self) -> bytes:
        """Return the figures as Prometheus's text format has them."""
        async with self._turn:
            made_at, text = self._kept
            if time.monotonic() - made_at < FRESH_FOR_S:
                return text
            report = await self._readiness.report()
            # The hub is the event loop's own; what it holds is read here, and told in there.
            _gauges.look(running_hub(), self._readiness, report)
            loop = asyncio.get_running_loop()
            text = await loop.run_in_executor(self._thread, generate_latest, REGISTRY)
            self._kept = (time.monotonic(), text)
            return text


def _is_loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


def _name_of(host: bytes) -> str:
    name = host.decode("latin-1").lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]
