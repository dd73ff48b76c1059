"""The sites that the live tests share: one on each server, started when first needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.stage import Stage


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
