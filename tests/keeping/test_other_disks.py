"""Pictures in a mounted folder, the database on another disk, backups on a stick."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatsite.keeping import placing
from tests.keeping.conftest import UNHURRIED, done
from tests.live.stage import Stage

PICTURE = Path("media/pictures/a1b2c3.webp")


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than tests are."""
    with tempfile.TemporaryDirectory(prefix="chat-tests-", dir="/dev/shm") as name:
        if Path(name).stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("/dev/shm is no file system of its own here")
        yield Path(name)


def test_a_backup_is_restored_to_other_disks(tmp_path: Path, other_disk: Path) -> None:
    database = other_disk / "chat.sqlite3"
    stage = Stage(tmp_path, **UNHURRIED, DATABASE_URL=f"sqlite:///{database}")
    data = tmp_path / "data"
    done(stage, "migrate", "-v0")
    (other_disk / "media/pictures").mkdir(parents=True)
    (data / "media").symlink_to(other_disk / "media")
    (data / PICTURE).write_bytes(b"picture")
    done(stage, "backup", tmp_path / "b.tar.gz")
    (data / PICTURE).unlink()
    database.unlink()
    assert "Restored: " in done(stage, "restore", tmp_path / "b.tar.gz")
    assert (data / PICTURE).read_bytes() == b"picture"
    assert database.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in other_disk.iterdir()) == ["chat.sqlite3", "media"]


def test_what_cannot_be_copied_whole_leaves_what_was_there(
    tmp_path: Path, other_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "new", other_disk / "present"
    source.write_bytes(b"new")
    target.write_bytes(b"present")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(placing.shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="no space"):
        placing.put(source, target)
    assert target.read_bytes() == b"present"
    assert [path.name for path in other_disk.iterdir()] == ["present"]


def test_a_backup_goes_where_files_have_no_second_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(errno.EPERM, "not on this disk")

    monkeypatch.setattr(os, "link", no_links)
    source, target = tmp_path / "draft", tmp_path / "b.tar.gz"
    source.write_bytes(b"all of it")
    placing.put_new(source, target)
    assert target.read_bytes() == b"all of it"
    source.write_bytes(b"another")
    with pytest.raises(FileExistsError):
        placing.put_new(source, target)
    assert target.read_bytes() == b"all of it"
