"""A set-up in which nothing is wrong, so that each test makes the one fault it is about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.layers import channel_layers

from chat.redis.address import RedisAddress
from chat.redis.layer import RedisLayer
from chatsite.doctor.finding import Finding, Look
from tests.own_redis import OwnRedis


def found(look: Look) -> str:
    """Return what a look said, as one text; "" where all was well."""
    return " ".join(f"{finding.sentence} {finding.remedy}" for finding in look())


def wrong(look: Look) -> list[Finding]:
    """Return what has to be mended."""
    return [finding for finding in look() if finding.is_wrong]


@pytest.fixture
def public(settings: Any) -> Any:
    """A public site behind its proxy, as it should be."""
    settings.SESSION_COOKIE_SECURE = True
    settings.ORIGINS = ["https://chat.example"]
    settings.ALLOWED_HOSTS = ["chat.example", "127.0.0.1", "localhost", "[::1]"]
    settings.HOST = "127.0.0.1"
    settings.TRUSTED_PROXIES = 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Chat <chat@chat.example>"
    return settings


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """A data folder of the test's own, for its owner alone."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir(mode=0o700)
    return Path(settings.DATA_DIR)


@pytest.fixture
def use_redis(settings: Any) -> Iterator[Any]:
    """Let the site use these Redis servers, for counting and as its layer."""
    before = channel_layers["default"]

    def use(*ports: int) -> None:
        settings.REDIS = tuple(
            RedisAddress(shown=f"port {port}", options=(("host", "127.0.0.1"), ("port", port)))
            for port in ports
        )
        hosts = [{"redis": address} for address in settings.REDIS]
        channel_layers.set("default", RedisLayer(prefix="doctor", hosts=hosts))

    yield use
    channel_layers.set("default", before)


@pytest.fixture
def start_redis(tmp_path: Path) -> Iterator[Any]:
    """Start a Redis with options of its own; killed at the end."""
    started: list[OwnRedis] = []

    def start(*words: str) -> OwnRedis:
        server = OwnRedis(tmp_path, *words)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()
