"""The secret key is made once, strong, and readable by its owner alone."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatsite import environment, secret_key
from chatsite.variables import SettingsError


def test_the_first_run_makes_a_key_for_its_owner_alone(tmp_path: Path) -> None:
    env = environment.read(tmp_path, {})
    path = env.data_dir / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(env.data_dir.stat().st_mode) == 0o700
    assert secret_key.is_strong(env.secret_key)


def test_the_second_run_keeps_it(tmp_path: Path) -> None:
    assert environment.read(tmp_path, {}).secret_key == environment.read(tmp_path, {}).secret_key


def test_two_sites_have_two_keys(tmp_path: Path) -> None:
    first = environment.read(tmp_path, {"DATA_DIR": "a"})
    second = environment.read(tmp_path, {"DATA_DIR": "b"})
    assert first.secret_key != second.secret_key


def test_a_key_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    key = secret_key.read_or_make(path)
    path.chmod(0o644)
    assert secret_key.read_or_make(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_starting_together_agrees_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(secret_key.read_or_make, [path] * 8))
    assert len(keys) == 1
    assert [child.name for child in tmp_path.iterdir()] == ["secret_key"]


def test_an_empty_file_is_refused_and_not_used(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.touch(0o600)
    with pytest.raises(SettingsError, match="too short"):
        secret_key.read_or_make(path)


def test_the_operators_own_key_and_former_keys_are_used(tmp_path: Path) -> None:
    new, old = ("0123456789" * 6, "abcdefghij" * 6)
    env = environment.read(tmp_path, {"SECRET_KEY": new, "SECRET_KEY_FALLBACKS": old})
    assert (env.secret_key, env.secret_key_fallbacks) == (new, [old])
    assert not (env.data_dir / "secret_key").exists()
