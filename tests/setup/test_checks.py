"""``check --deploy`` is clean for a well set site, and says what is wrong with another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.setup.conftest import BASE_DIR, clean_environment

PRODUCTION = {
    "BEHIND_TLS": "1",
    "ALLOWED_HOSTS": "chat.example",
    "DATABASE_URL": "postgresql://chat@db/chat",
    "REDIS_URL": "redis://cache",
    "REQUIRE_STAFF_SECOND_FACTOR": "1",
}


def check(tmp_path: Path, **variables: str) -> tuple[int, str]:
    answer = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR,
        env={**clean_environment(), "DATA_DIR": str(tmp_path), **PRODUCTION, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return answer.returncode, answer.stdout + answer.stderr


def test_the_production_settings_are_clean(tmp_path: Path) -> None:
    assert check(tmp_path) == (0, "System check identified no issues (2 silenced).\n")


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"REDIS_URL": ""}, "chatsite.W002"),
        ({"DATABASE_URL": ""}, "chatsite.W003"),
        ({"ALLOWED_HOSTS": "*", "ORIGINS": "https://chat.example"}, "chatsite.W001"),
        ({"BEHIND_TLS": "0", "ORIGINS": "https://chat.example"}, "chatsite.W005"),
        ({"REQUIRE_STAFF_SECOND_FACTOR": "0"}, "chatsite.W006"),
        ({"DEBUG": "1"}, "security.W018"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(tmp_path: Path, variables: dict[str, str], found: str) -> None:
    code, said = check(tmp_path, **variables)
    assert code == 1
    assert found in said
