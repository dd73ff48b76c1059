"""An archive is whole or refused, whatever somebody made of it; nothing is written outside."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from chatsite.keeping import archive, manifest
from chatsite.keeping.making import rotate
from chatsite.keeping.manifest import Store
from chatsite.keeping.refusal import KeepingError

STORE = Store("sqlite", "3.40.1", "epoch", ["chat.0001_initial"], {"people": 1})
KEY = "k" * 60


def written(path: Path, **content: bytes) -> Path:
    with archive.whole_file(path) as out:
        writer = archive.Writer(out)
        writer.add_bytes("database.sqlite3", b"rows" * 5_000)
        writer.add_bytes("media/pictures/a1.webp", b"picture")
        writer.end(manifest.made_now(STORE, KEY, writer.members))
    return path


def remade(path: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> Path:
    """Let somebody change the members of an archive."""
    with tarfile.open(path) as tar:
        members = [(info, tar.extractfile(info).read()) for info in tar]  # type: ignore[union-attr]
    change(members)
    with tarfile.open(path, "w:gz") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def named(name: str, kind: bytes = tarfile.REGTYPE, leads_to: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, leads_to
    return info


def test_what_is_written_is_for_its_owner_alone_and_is_read_again_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path / "b.tar.gz")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folder = tmp_path / "out"
    folder.mkdir()
    made = archive.unpack(path, folder)
    assert made.store == STORE
    assert made == archive.check(path)
    assert (folder / "media/pictures/a1.webp").read_bytes() == b"picture"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_no_backup_is_written_over_another(tmp_path: Path) -> None:
    path = written(tmp_path / "b.tar.gz")
    before = path.read_bytes()
    with pytest.raises(KeepingError, match="exists already"):
        written(path)
    assert path.read_bytes() == before


def test_what_fails_halfway_leaves_no_file(tmp_path: Path) -> None:
    def half() -> None:
        with archive.whole_file(tmp_path / "b.tar.gz") as out:
            out.write(b"half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        half()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_an_archive_that_was_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    path = written(tmp_path / "b.tar.gz")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(KeepingError, match="no whole backup"):
        archive.check(path)


def test_a_tar_that_was_cut_between_two_files_lacks_its_manifest(tmp_path: Path) -> None:
    path = remade(written(tmp_path / "b.tar.gz"), lambda members: members.pop())
    with pytest.raises(KeepingError, match="manifest is missing"):
        archive.check(path)


def test_another_byte_than_was_backed_up_is_found(tmp_path: Path) -> None:
    path = written(tmp_path / "b.tar.gz")
    plain = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(plain.replace(b"rowsrows", b"rowsrowz", 1)))
    with pytest.raises(KeepingError, match="checksum differs"):
        archive.check(path)


Change = Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]
FORGED: dict[str, tuple[Change, str]] = {
    "a path upwards": (lambda m: m.insert(0, (named("media/../../evil"), b"x")), "no file of a"),
    "an absolute path": (lambda m: m.insert(0, (named("/etc/cron.d/evil"), b"x")), "no file of a"),
    "a hidden name": (lambda m: m.insert(0, (named("media/.htaccess"), b"x")), "no file of a"),
    "another file of the data folder": (
        lambda m: m.insert(0, (named("server.lock"), b"x")),
        "no file of a",
    ),
    "a link": (
        lambda m: m.insert(0, (named("media/pictures", tarfile.SYMTYPE, "/etc"), b"")),
        "not a plain file",
    ),
    "a hard link": (
        lambda m: m.insert(0, (named("media/x", tarfile.LNKTYPE, "/etc/passwd"), b"")),
        "not a plain file",
    ),
    "a device": (lambda m: m.insert(0, (named("media/x", tarfile.CHRTYPE), b"")), "not a plain"),
    "a file twice": (lambda m: m.insert(1, m[0]), "where no file"),
    "a file after the end": (lambda m: m.append((named("media/late"), b"x")), "where no file"),
    "a file too many": (lambda m: m.insert(0, (named("media/x"), b"x")), "added to the backup"),
    "a file too few": (lambda m: m.pop(1), "missing from the backup"),
}


@pytest.mark.parametrize("forged", FORGED)
def test_what_is_no_backup_of_ours_is_refused_and_nothing_is_written_outside(
    tmp_path: Path, forged: str
) -> None:
    change, sentence = FORGED[forged]
    path = remade(written(tmp_path / "b.tar.gz"), change)
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    with pytest.raises(KeepingError, match=sentence):
        archive.unpack(path, folder)
    assert [each.name for each in (tmp_path / "in").iterdir()] == ["here"]
    assert not any(each.is_symlink() for each in folder.rglob("*"))


def test_a_manifest_of_another_format_is_refused(tmp_path: Path) -> None:
    def newer(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        info, text = members.pop()
        members.append((info, text.replace(b'"format": 1', b'"format": 2')))

    with pytest.raises(KeepingError, match="format 2"):
        archive.check(remade(written(tmp_path / "b.tar.gz"), newer))


def test_of_the_backups_named_by_time_the_newest_stay_and_other_files_too(tmp_path: Path) -> None:
    names = [f"chat-2026112{day}T030000Z.tar.gz" for day in range(5)]
    for name in [*names, "chat-by-hand.tar.gz", "notes.txt"]:
        (tmp_path / name).touch()
    assert [path.name for path in rotate(tmp_path, 2)] == names[:3]
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [*names[3:], "chat-by-hand.tar.gz", "notes.txt"]
    with pytest.raises(KeepingError):
        rotate(tmp_path, 0)
