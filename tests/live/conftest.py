"""The sites that the live tests share: one on each server, started when first needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.stage import Stage, free_port


@pytest.fixture(scope="session", params=["uvicorn", "daphne"])
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A site with the default limits, on each of the servers in turn."""
    stage = Stage(tmp_path_factory.mktemp(request.param), request.param)
    try:
        stage.start()
        yield stage
    finally:
        stage.end()
    assert "Traceback" not in stage.said


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[tuple[Stage, Stage]]:
    """One site served by uvicorn and by daphne, with one store and one Redis.

    They stand behind a proxy, so that people come from addresses of their own.
    """
    folder = tmp_path_factory.mktemp("both")
    behind = {"REDIS_URL": redis_url, "TRUSTED_PROXIES": "1"}
    first = Stage(folder, "uvicorn", **behind)
    port = free_port()
    second = Stage(folder, "daphne", PORT=str(port), **behind)
    second.port = port
    try:
        first.start()
        second.start()
        yield first, second
    finally:
        first.end()
        second.end()
    assert "Traceback" not in first.said
