"""Alive, ready, degraded, behind, dead: what a probe is told, and what it can cost."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
from django.db import OperationalError

from chat import hub as hub_module
from chat.layer_health import RedisHealth
from chatsite.watching import readiness
from chatsite.watching.migrations import Migrations
from tests.watching.conftest import Asker

pytestmark = pytest.mark.django_db(transaction=True)

WELL = RedisHealth(
    is_used=True, bells_ring=True, deaf_for=0.0, is_counting=True, not_counting_for=0.0
)
DEAF = RedisHealth(
    is_used=True, bells_ring=False, deaf_for=90.0, is_counting=False, not_counting_for=80.0
)


def fresh(asker: Asker) -> None:
    """Let the next probe look, as one a second later does."""
    asker.doors._readiness._kept = None


async def test_alive_asks_nothing_and_is_told_to_any_name(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "look", broken)
    answer = await asker.get("/healthz", peer="10.1.2.3", host="10.9.9.9")
    assert (answer.status, answer.said) == (200, {"state": "alive"})
    assert answer.headers is not None
    assert answer.headers[b"cache-control"] == b"no-store"
    assert answer.headers[b"x-content-type-options"] == b"nosniff"


async def test_ready_names_each_part(asker: Asker) -> None:
    answer = await asker.get("/readyz", peer="10.1.2.3", host="10.9.9.9")
    assert (answer.status, answer.said["state"]) == (200, "ready")
    assert answer.said["parts"] == {
        "database": {"ok": True},
        "migrations": {"ok": True, "missing": 0, "ahead": 0},
        "layer": {"ok": True},
        "counting": {"ok": True},
    }


def broken() -> Migrations:
    raise OperationalError("connection to server at 10.0.0.5, user chat, failed")


async def test_without_the_database_it_is_dead_and_says_since_when_and_no_more(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "look", broken)
    answer = await asker.get("/readyz")
    assert (answer.status, answer.said["state"]) == (503, "dead")
    database = answer.said["parts"]["database"]
    assert database["why"] == "unreachable"
    since = database["since"]
    assert since.endswith("+00:00")
    fresh(asker)
    await asyncio.sleep(1.1)
    again = await asker.get("/readyz")
    assert again.said["parts"]["database"]["since"] == since
    # Neither where the database is nor who we are to it.
    assert b"10.0.0.5" not in answer.body
    monkeypatch.setattr(readiness, "look", Migrations)
    fresh(asker)
    assert (await asker.get("/readyz")).said["state"] == "ready"


async def test_a_database_that_never_answers_is_waited_for_a_second_and_asked_once(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    answers = threading.Event()

    def hang() -> Migrations:
        asked.append(time.monotonic())
        answers.wait(20)
        return Migrations()

    monkeypatch.setattr(readiness, "look", hang)
    monkeypatch.setattr(readiness, "DATABASE_WAIT_S", 0.5)
    started = time.monotonic()
    answer = await asker.get("/readyz")
    assert readiness.DATABASE_WAIT_S <= time.monotonic() - started < 10
    assert (answer.status, answer.said["parts"]["database"]["why"]) == (503, "no_answer")
    for _ in range(3):
        fresh(asker)
        assert (await asker.get("/readyz")).said["state"] == "dead"
    # However often it was asked, one question waits in the database.
    assert len(asked) == 1
    answers.set()
    fresh(asker)
    assert (await asker.get("/readyz")).said["state"] == "ready"
    # Nor did the other probes leave any behind, to be asked when it answers again.
    assert len(asked) <= 2


async def test_many_probes_at_once_look_once(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def look() -> Migrations:
        nonlocal looked
        looked += 1
        return Migrations()

    monkeypatch.setattr(readiness, "look", look)
    answers = await asyncio.gather(*(asker.get("/readyz") for _ in range(200)))
    assert {answer.status for answer in answers} == {200}
    await asker.get("/readyz")
    assert looked == 1


async def test_a_dead_redis_is_degraded_and_goes_on_serving(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "redis_health", lambda: DEAF)
    answer = await asker.get("/readyz")
    assert (answer.status, answer.said["state"]) == (200, "degraded")
    parts = answer.said["parts"]
    assert (parts["layer"]["why"], parts["counting"]["why"]) == ("deaf", "alone")
    # It is told since when, not since the first probe that saw it.
    assert parts["layer"]["since"] < parts["counting"]["since"]
    monkeypatch.setattr(readiness, "redis_health", lambda: WELL)
    fresh(asker)
    assert (await asker.get("/readyz")).said["parts"]["layer"] == {"ok": True}


@pytest.mark.parametrize(
    ("migrations", "status", "state"),
    [(Migrations(missing=1), 503, "behind"), (Migrations(ahead=2), 200, "ready")],
    ids=["missing", "ahead"],
)
async def test_migrations_may_be_ahead_of_this_code_but_not_behind(
    asker: Asker,
    monkeypatch: pytest.MonkeyPatch,
    migrations: Migrations,
    status: int,
    state: str,
) -> None:
    monkeypatch.setattr(readiness, "look", lambda: migrations)
    answer = await asker.get("/readyz")
    assert (answer.status, answer.said["state"]) == (status, state)


async def test_the_database_itself_is_asked_which_migrations_it_has(asker: Asker) -> None:
    from asgiref.sync import sync_to_async
    from django.db.migrations.recorder import MigrationRecorder

    rows: Any = MigrationRecorder.Migration.objects
    newest = await sync_to_async(rows.filter(app="chat").latest)("name")
    await sync_to_async(newest.delete)()
    await sync_to_async(rows.create)(app="chat", name="9999_of_tomorrow")
    try:
        answer = await asker.get("/readyz")
    finally:
        await sync_to_async(rows.create)(app="chat", name=newest.name)
        await sync_to_async(rows.filter(name="9999_of_tomorrow").delete)()
    assert answer.said["parts"]["migrations"]["missing"] == 1
    assert answer.said["parts"]["migrations"]["ahead"] == 1
    assert answer.status == 503


async def test_a_process_that_drains_takes_nobody_new(asker: Asker) -> None:
    await asker.get("/readyz")
    hub = hub_module.running_hub()
    assert hub is not None
    hub.draining = True
    fresh(asker)
    answer = await asker.get("/readyz")
    assert (answer.status, answer.said["state"]) == (503, "draining")
    assert (await asker.get("/healthz")).status == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_only_reading_is_answered(asker: Asker, path: str) -> None:
    assert (await asker.get(path, method="POST")).status == 405
    head = await asker.get(path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert asker.asked_the_site == 0
    await asker.get(path + "/")
    assert asker.asked_the_site == 1
