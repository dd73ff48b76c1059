"""``manage.py doctor`` on real set-ups: a healthy one says so, and each fault has its sentence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_redis import OwnRedis, free_port
from tests.postgresql_server import MISSING, PostgresServer, binaries
from tests.setup.conftest import BASE_DIR, clean_environment

PRODUCTION = {
    "BEHIND_TLS": "1",
    "ALLOWED_HOSTS": "chat.example",
    "TRUSTED_PROXIES": "1",
    "REQUIRE_STAFF_SECOND_FACTOR": "1",
    "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
    "EMAIL_FROM": "Chat <chat@chat.example>",
}


def manage(folder: Path, *command: str, **variables: str) -> tuple[int, str]:
    """Run a command; return its exit code and what it said."""
    answer = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=BASE_DIR,
        env={**clean_environment(), "DATA_DIR": str(folder / "data"), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return answer.returncode, answer.stdout + answer.stderr


@pytest.fixture(scope="module")
def careless() -> Iterator[PostgresServer]:
    """A PostgreSQL that would not survive a power failure."""
    if binaries() is None:
        pytest.skip(MISSING)
    server = PostgresServer(settings={"fsync": "off", "full_page_writes": "off"})
    try:
        server.start()
        yield server
    finally:
        server.remove()


def test_a_site_on_one_machine_is_well_and_is_told_what_is_worth_knowing(tmp_path: Path) -> None:
    assert manage(tmp_path, "serve", "--prepare-only")[0] == 0
    code, said = manage(tmp_path, "doctor", "--deep")
    assert code == 0, said
    assert said.endswith("Nothing is wrong.\n")
    assert "Wrong:" not in said
    assert "plain HTTP" in said
    # One fact, one sentence: Django would say it four times.
    assert "security.W" not in said


def test_a_site_of_many_processes_is_well(tmp_path: Path) -> None:
    if binaries() is None:
        pytest.skip(MISSING)
    server = PostgresServer(settings={"fsync": "on", "full_page_writes": "on"})
    redis = OwnRedis(tmp_path)
    redis.start()
    try:
        server.start()
        where = {"DATABASE_URL": server.create("chat"), "REDIS_URL": redis.url}
        assert manage(tmp_path, "serve", "--prepare-only", **PRODUCTION, **where)[0] == 0
        code, said = manage(tmp_path, "doctor", **PRODUCTION, **where)
    finally:
        redis.kill()
        server.remove()
    assert (code, said[-18:]) == (0, "Nothing is wrong.\n"), said


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path, careless: PostgresServer) -> None:
    redis = OwnRedis(tmp_path, "--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lru")
    redis.start()
    try:
        code, said = manage(
            tmp_path,
            "doctor",
            **PRODUCTION | {"TRUSTED_PROXIES": "0", "EMAIL_URL": ""},
            DATABASE_URL=careless.url(),
            REDIS_URL=redis.url,
        )
    finally:
        redis.kill()
    assert code == 1
    assert "Traceback" not in said
    for words in ("fsync", "full_page_writes", "migrations that this code needs", "allkeys-lru"):
        assert words in said
    for words in ("--prepare-only", "TRUSTED_PROXIES", "EMAIL_URL"):
        assert words in said
    assert said.endswith("Wrong: 7.\n"), said


def test_a_database_that_is_away_does_not_keep_the_rest_from_being_told(tmp_path: Path) -> None:
    url = f"postgresql://chat:secret-canary@127.0.0.1:{free_port()}/chat"
    code, said = manage(tmp_path, "doctor", DATABASE_URL=url)
    assert code == 1
    assert "cannot be reached" in said
    assert "static files" in said
    assert "secret-canary" not in said
    assert "Traceback" not in said


def test_settings_that_are_refused_are_told_as_everywhere(tmp_path: Path) -> None:
    code, said = manage(tmp_path, "doctor", METRICS_TOKEN="short", LOG_FORMAT="xml")
    assert code == 2
    assert "METRICS_TOKEN" in said
    assert "LOG_FORMAT" in said
    assert "short" not in said
