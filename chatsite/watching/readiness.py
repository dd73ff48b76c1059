"""Whether this process can serve: its database, its migrations, its channel layer.

Without the database it can do nothing for anybody: 503. Without the channel layer it does
everything, only some seconds later: 200, and ``degraded``. However often it is asked, it
looks once a second, with one question at a time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError, InterfaceError

from chat.announce import LAYER_ERRORS
from chat.errors import BusyError
from chat.hub import get_hub, running_hub
from chat.layer_health import redis_health
from chatsite.watching.migrations import Migrations, look, of_this_code

logger = logging.getLogger(__name__)

FRESH_FOR_S = 1.0
DATABASE_WAIT_S = 1.0
HUB_WAIT_S = 1.0


@dataclass(slots=True)
class Part:
    """One thing that this process needs, and since when it lacks it."""

    ok: bool = True
    why: str = ""
    """A word for programs; "" while it is well."""
    since: datetime | None = None

    def found(self, why: str, for_s: float = 0.0) -> None:
        """Take in how it stands, and for how many seconds already; "" is well."""
        self.ok, self.why = not why, why
        if self.ok:
            self.since = None
        elif self.since is None:
            self.since = datetime.now(UTC) - timedelta(seconds=for_s)

    @property
    def said(self) -> dict[str, Any]:
        """The part as JSON."""
        if self.ok:
            return {"ok": True}
        since = None if self.since is None else self.since.isoformat(timespec="seconds")
        return {"ok": False, "why": self.why, "since": since}


@dataclass(frozen=True, slots=True)
class Report:
    """How this process stands."""

    state: str
    """``ready``, ``degraded``, ``draining``, ``behind`` (migrations are missing) or ``dead``."""
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """503 where a proxy should send nobody here."""
        serves = self.state in ("ready", "degraded")
        return HTTPStatus.OK if serves else HTTPStatus.SERVICE_UNAVAILABLE

    @property
    def said(self) -> dict[str, Any]:
        """The report as JSON."""
        return {"state": self.state, "parts": self.parts}


class Readiness:
    """Used from one event loop at a time."""

    def __init__(self) -> None:
        self.migrations = Migrations()
        """As last seen."""
        self.database = Part()
        self._layer = Part()
        self._counting = Part()
        self._behind = Part()
        # A thread of its own: whether the others are all waiting is part of the question.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="readiness")
        self._is_prepared = False
        self._looking: asyncio.Future[Migrations] | None = None
        self._reporting: asyncio.Task[Report] | None = None
        self._kept: tuple[float, Report] | None = None

    async def report(self) -> Report:
        """Return how this process stands, ``FRESH_FOR_S`` old at most."""
        if self._kept is not None and time.monotonic() - self._kept[0] < FRESH_FOR_S:
            return self._kept[1]
        loop = asyncio.get_running_loop()
        if self._reporting is None or self._reporting.get_loop() is not loop:
            self._reporting = loop.create_task(self._look())
        # Who asks and goes away ends nothing for the others.
        return await asyncio.shield(self._reporting)

    async def _look(self) -> Report:
        try:
            await self._look_at_database()
            await self._look_at_redis()
            report = Report(self._state(), self._parts())
            self._kept = (time.monotonic(), report)
            return report
        finally:
            self._reporting = None

    def _state(self) -> str:
        hub = running_hub()
        if hub is not None and hub.draining:
            return "draining"
        if not self.database.ok:
            return "dead"
        if not self._behind.ok:
            return "behind"
        return "ready" if self._layer.ok and self._counting.ok else "degraded"

    def _parts(self) -> dict[str, dict[str, Any]]:
        migrations = {"missing": self.migrations.missing, "ahead": self.migrations.ahead}
        return {
            "database": self.database.said,
            "migrations": self._behind.said | migrations,
            "layer": self._layer.said,
            "counting": self._counting.said,
        }

    async def _look_at_database(self) -> None:
        loop = asyncio.get_running_loop()
        if not self._is_prepared:
            # Once, and no part of how long the database takes.
            await loop.run_in_executor(self._thread, of_this_code)
            self._is_prepared = True
        if self._looking is None or self._looking.get_loop() is not loop:
            self._looking = loop.run_in_executor(self._thread, look)
        done, _ = await asyncio.wait({self._looking}, timeout=DATABASE_WAIT_S)
        if not done:
            # The question stays under way: a second one would only wait behind it.
            self.database.found("no_answer")
            return
        looked, self._looking = self._looking, None
        try:
            self.migrations = looked.result()
        except (DatabaseError, InterfaceError) as error:
            self.database.found("unreachable")
            logger.warning("not ready: the database did not answer (%s)", type(error).__name__)
            return
        self.database.found("")
        self._behind.found("missing" if self.migrations.missing else "")

    async def _look_at_redis(self) -> None:
        if self.database.ok and self._behind.ok and running_hub() is None:
            # Whether a process hears is asked before its first socket comes.
            try:
                async with asyncio.timeout(HUB_WAIT_S):
                    await get_hub()
            except (BusyError, *LAYER_ERRORS) as error:
                logger.info("the hub has not started yet: %s", type(error).__name__)
        health = redis_health()
        self._layer.found("" if health.bells_ring else "deaf", health.deaf_for)
        self._counting.found("" if health.is_counting else "alone", health.not_counting_for)
