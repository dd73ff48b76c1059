"""Sessions and throttles go on while Redis is away, and an ended session ends."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.backends import cached_db
from django.core.cache import BaseCache, CacheHandler

from chat.redis import breaker
from chatsite import caches, environment
from tests.setup.conftest import free_port


def caches_at(tmp_path: Path, url: str) -> CacheHandler:
    return CacheHandler(environment.read(tmp_path, {"REDIS_URL": url}).caches)


@pytest.fixture
def away(tmp_path: Path) -> CacheHandler:
    """Caches whose Redis is not there."""
    return caches_at(tmp_path, f"redis://127.0.0.1:{free_port()}/0")


def test_without_redis_attempts_are_counted_in_the_process(away: CacheHandler) -> None:
    cache = away["default"]
    assert cache.add("attempts", 1, 60)
    assert not cache.add("attempts", 1, 60)
    assert cache.incr("attempts") == 2
    assert cache.get_many(["attempts", "other"]) == {"attempts": 2}
    cache.set_many({"a": 1, "b": 2})
    assert cache.has_key("a")
    cache.delete_many(["a"])
    assert cache.get("a", "gone") == "gone"
    assert cache.touch("b", 5)
    assert cache.delete("b")
    cache.clear()
    assert cache.get("attempts") is None


def test_without_redis_the_attempts_of_all_requests_are_counted_together(
    away: CacheHandler,
) -> None:
    with ThreadPoolExecutor(2) as threads:

        def attempt() -> tuple[BaseCache, int]:
            cache = away["default"]
            cache.add("attempts", 0, 60)
            return cache, cache.incr("attempts")

        # As requests run: each in a context of its own, in one of a few threads.
        made = [threads.submit(copy_context().run, attempt).result() for _ in range(6)]
    assert len({id(cache) for cache, _ in made}) > 1
    assert [count for _, count in made] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("has_redis", [True, False])
def test_without_redis_many_names_do_not_push_out_the_count_of_one(
    tmp_path: Path, has_redis: bool
) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0" if has_redis else ""
    cache = caches_at(tmp_path, url)["default"]
    cache.set("on-ada", 4, 60)
    for number in range(1_000):
        cache.set(f"on-{number}", 1, 60)
    assert cache.get("on-ada") == 4


def test_redis_is_asked_again_once_it_answers(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "PROBE_EVERY_S", 0.05)
    cache = caches_at(tmp_path, redis_url)["default"]
    cache.set("word", "tea")
    cache._breaker.failed(ConnectionError())
    assert cache.get("word") is None
    deadline = time.monotonic() + 10
    while cache.get("word") != "tea":
        assert time.monotonic() < deadline, "It was never asked again."
        time.sleep(0.02)


def sessions(tmp_path: Path, url: str) -> BaseCache:
    return caches_at(tmp_path, url)["sessions"]


def test_a_session_is_believed_for_seconds_only(tmp_path: Path, redis_url: str) -> None:
    cache = sessions(tmp_path, redis_url)
    cache.set("key", {"_auth_user_id": "1"}, 14 * 24 * 3600)
    client = cache._cache.get_client()
    assert 0 < client.ttl(cache.make_key("key")) <= caches.SESSION_CACHE_S


def test_a_session_in_memory_is_believed_for_seconds_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = sessions(tmp_path, "")
    cache.set("key", {"_auth_user_id": "1"}, 14 * 24 * 3600)
    assert cache.get("key")
    locmem = import_module("django.core.cache.backends.locmem")
    later = locmem.time.time() + caches.SESSION_CACHE_S + 1
    monkeypatch.setattr(locmem.time, "time", lambda: later)
    assert cache.get("key") is None


def test_the_site_keeps_its_sessions_there() -> None:
    assert settings.SESSION_CACHE_ALIAS == "sessions"
    store = import_module(settings.SESSION_ENGINE).SessionStore
    assert issubclass(store, cached_db.SessionStore)
