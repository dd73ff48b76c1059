"""A real process whose Redis and PostgreSQL go away and come back says so, and needs no restart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live.stage import Stage
from tests.own_redis import OwnRedis
from tests.postgresql_server import MISSING, PostgresServer, binaries

SEEN_WITHIN_S = 30.0
"""Far more than it takes; what must be quick is timed by the fault suite."""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def postgresql() -> Iterator[PostgresServer]:
    if binaries() is None:
        pytest.skip(MISSING)
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def stage(tmp_path: Path, redis: OwnRedis, postgresql: PostgresServer) -> Iterator[Stage]:
    stage = Stage(tmp_path, DATABASE_URL=postgresql.create("chat"), REDIS_URL=redis.url)
    try:
        stage.start()
        yield stage
    finally:
        stage.end()


def until(stage: Stage, state: str, **why: str) -> tuple[int, dict[str, Any]]:
    """Probe until ``/readyz`` says ``state`` and, of parts, ``why``; return status and parts."""
    deadline = time.monotonic() + SEEN_WITHIN_S
    while True:
        answer = httpx.get(f"{stage.address}/readyz", timeout=10, trust_env=False)
        said = answer.json()
        parts = said["parts"]
        if said["state"] == state and all(
            parts[name].get("why") == word for name, word in why.items()
        ):
            return answer.status_code, parts
        assert time.monotonic() < deadline, said
        time.sleep(0.2)


def test_what_goes_away_is_told_and_what_comes_back_is_too(
    stage: Stage, redis: OwnRedis, postgresql: PostgresServer
) -> None:
    until(stage, "ready")
    redis.kill()
    # The counting is missed at once, the bell when it has not been heard for some seconds.
    status, parts = until(stage, "degraded", layer="deaf", counting="alone")
    assert status == 200
    assert parts["database"] == {"ok": True}
    metrics = httpx.get(f"{stage.address}/metrics", timeout=10, trust_env=False).text
    assert '\nchat_state{state="degraded"} 1.0\n' in metrics
    assert "\nchat_layer_deaf_seconds 0.0\n" not in metrics
    assert "\nchat_database_pool_size " in metrics
    redis.start()
    until(stage, "ready")
    postgresql.stop()
    status, parts = until(stage, "dead")
    assert status == 503
    assert parts["database"]["why"] in ("unreachable", "no_answer")
    alive = httpx.get(f"{stage.address}/healthz", timeout=10, trust_env=False)
    assert alive.status_code == 200
    postgresql.start()
    until(stage, "ready")
    stage.signal(15)
    assert stage.wait() == 0
    assert "Traceback" not in stage.said
