"""Faults of the database, of Redis and of clocks: each is made, and told."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection

from chat.models import Room, User
from chatsite import databases, schema
from chatsite.doctor import clocks, database, postgresql, redis_servers, sqlite, store
from chatsite.watching.migrations import Migrations
from tests.conftest import Post
from tests.doctor.conftest import found, wrong
from tests.own_redis import free_port

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="It is about SQLite.")


def test_a_database_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(schema, "reach", refuse)
    said = found(database.can_be_reached)
    assert "connection refused Is the server running." in said
    assert "DATABASE_URL" in said


def test_migrations_that_are_missing_or_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    # That the database itself is asked is tested beside /readyz.
    stands = Migrations()
    monkeypatch.setattr(database, "look", lambda: stands)
    assert found(database.migrations_are_current) == ""
    stands = Migrations(ahead=1)
    assert "1 migrations that this code does not know" in found(database.migrations_are_current)
    assert wrong(database.migrations_are_current) == []
    stands = Migrations(ahead=1, missing=2)
    assert "lacks 2 migrations" in found(database.migrations_are_current)


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_sqlite_that_may_lose_commits() -> None:
    assert found(sqlite.commits_are_durable) == ""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
    try:
        assert "synchronous is not FULL" in found(sqlite.commits_are_durable)
    finally:
        connection.close()


@on_sqlite
@pytest.mark.django_db
def test_a_sqlite_without_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sqlite._pragma
    asked = lambda name: "delete" if name == "journal_mode" else real(name)  # noqa: E731
    monkeypatch.setattr(sqlite, "_pragma", asked)
    assert "write-ahead log" in found(sqlite.commits_are_durable)


@on_sqlite
def test_a_sqlite_with_the_rare_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "SOUND_SQLITE", (9, 0, 0))
    assert "Before 9.0.0" in found(sqlite.version_is_sound)
    monkeypatch.setattr(databases, "SOUND_SQLITE", (3, 0, 0))
    assert found(sqlite.version_is_sound) == ""


POSTGRESQL = {
    "server_version_num": "150004",
    "server_encoding": "UTF8",
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "max_connections": "100",
    "superuser_reserved_connections": "3",
}
LOOKS = (
    postgresql.version_is_known,
    postgresql.commits_are_durable,
    postgresql.texts_are_unicode,
    postgresql.has_connections_left,
)


@pytest.mark.parametrize(
    ("faults", "words", "is_wrong"),
    [
        ({}, "", False),
        ({"server_version_num": "130011"}, "PostgreSQL 13", True),
        ({"server_encoding": "SQL_ASCII"}, "UTF8", True),
        ({"synchronous_commit": "off"}, "synchronous_commit is off", True),
        ({"fsync": "off"}, "fsync = on", True),
        ({"full_page_writes": "off"}, "full_page_writes = on", True),
        ({"max_connections": "10"}, "max_connections", True),
        ({"max_connections": "30"}, "enough for 1 process", False),
    ],
    ids=str,
)
def test_a_postgresql_with_a_fault(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    faults: dict[str, str],
    words: str,
    *,
    is_wrong: bool,
) -> None:
    said = {**POSTGRESQL, **faults}
    monkeypatch.setattr(postgresql, "connection", SimpleNamespace(vendor="postgresql"))
    monkeypatch.setattr(postgresql, "_setting", said.__getitem__)
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {"pool": {"max_size": 18}})
    settings.IN_PROCESS = False
    sentences = [found(look) for look in LOOKS if found(look)]
    assert len(sentences) == (1 if faults else 0)
    assert all(words in sentence for sentence in sentences)
    assert any(wrong(look) for look in LOOKS) is is_wrong


def test_a_redis_in_which_nothing_is_wrong(start_redis: Any, use_redis: Any) -> None:
    use_redis(start_redis().port, start_redis().port)
    for look in (redis_servers.can_be_used, redis_servers.bells_are_heard, clocks.redis_agrees):
        assert found(look) == ""


def test_a_redis_that_is_away(use_redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_servers, "BELL_WAIT_S", 0.5)
    port = free_port()
    use_redis(port)
    assert f"Redis at port {port} cannot be asked" in found(redis_servers.can_be_used)
    assert "was not heard" in found(redis_servers.bells_are_heard)
    assert found(clocks.redis_agrees) == ""


def test_a_redis_that_forgets_when_it_is_full(start_redis: Any, use_redis: Any) -> None:
    use_redis(start_redis("--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lru").port)
    assert "allkeys-lru" in found(redis_servers.can_be_used)


def test_a_redis_that_lets_nobody_listen(
    start_redis: Any, use_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_servers, "BELL_WAIT_S", 1.0)
    well, closed = start_redis(), start_redis()
    closed.cli("ACL", "SETUSER", "default", "resetchannels")
    use_redis(well.port, closed.port)
    said = found(redis_servers.bells_are_heard)
    assert f"port {closed.port}" in said
    assert f"port {well.port}" not in said


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"redis_version": "5.0.14"}, "needs 6.2"),
        ({"redis_mode": "cluster"}, "cluster"),
        ({"role": "slave"}, "replica"),
    ],
    ids=str,
)
def test_a_redis_of_the_wrong_kind(fault: dict[str, str], words: str) -> None:
    info = {"redis_version": "7.0.15", "redis_mode": "standalone", "role": "master", "maxmemory": 0}
    assert list(redis_servers.judged("redis://cache", info)) == []
    [finding] = redis_servers.judged("redis://cache", {**info, **fault})
    assert words in finding.sentence


def test_a_clock_that_is_off(
    start_redis: Any, use_redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_redis(start_redis().port)
    now = time.time
    monkeypatch.setattr(clocks, "time", SimpleNamespace(time=lambda: now() + 3_600))
    said = found(clocks.redis_agrees)
    assert "differ by 36" in said
    assert "NTP" in said


def test_a_site_without_an_owner(db: None) -> None:
    assert "Nobody owns the site" in found(store.somebody_owns_it)
    User.objects.create_superuser("olga")
    assert found(store.somebody_owns_it) == ""


def test_a_room_log_with_a_hole(lobby: Room, ada: User, post: Post) -> None:
    post(ada, lobby)
    assert found(store.room_log_is_sound) == ""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chat_room SET revision = revision + 1, last_seq = last_seq + 1")
    assert f"Room {lobby.pk}" in found(store.room_log_is_sound)
