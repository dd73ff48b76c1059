"""What answers before the site does, asked as a server asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from chat import hub as hub_module
from chatsite.watching import readiness
from chatsite.watching.doors import OperatorDoors

LOOPBACK = "127.0.0.1"


@dataclass
class Answered:
    """What came back; ``status`` 0 where the site itself was asked."""

    status: int = 0
    body: bytes = b""
    headers: dict[bytes, bytes] | None = None

    @property
    def said(self) -> Any:
        return orjson.loads(self.body)


class Asker:
    """Asks one process, from any address and under any name."""

    def __init__(self) -> None:
        self.asked_the_site = 0
        self.doors = OperatorDoors(self._site)

    async def _site(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.asked_the_site += 1

    async def get(
        self,
        path: str,
        *,
        peer: str = LOOPBACK,
        method: str = "GET",
        host: str = "127.0.0.1:8000",
        **headers: str,
    ) -> Answered:
        answered = Answered()

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answered.status, answered.headers = message["status"], dict(message["headers"])
            else:
                answered.body += message["body"]

        named = {"host": host, **{name.replace("_", "-"): text for name, text in headers.items()}}
        scope = {
            "type": "http",
            "path": path,
            "method": method,
            "client": (peer, 40000),
            "headers": [(name.encode(), text.encode()) for name, text in named.items()],
        }
        await self.doors(scope, None, send)
        return answered


@pytest.fixture
async def asker(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Asker]:
    """A process without people; its hub ends with the test. It waits long, on a busy machine."""
    monkeypatch.setattr(readiness, "DATABASE_WAIT_S", 20.0)
    monkeypatch.setattr(readiness, "HUB_WAIT_S", 20.0)
    yield Asker()
    hub = hub_module.running_hub()
    if hub is not None:
        for task in list(hub._tasks):
            task.cancel()
        hub_module._hubs.clear()
