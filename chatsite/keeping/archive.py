"""The archive: a tar with gzip, written whole or not at all, and never believed when read."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from chatsite.keeping import manifest
from chatsite.keeping.manifest import Manifest, Member
from chatsite.keeping.placing import put_new
from chatsite.keeping.refusal import KeepingError

LEVEL = 3
"""Pictures and pg_dump's own format are compressed already; more would only take longer."""
PIECE_BYTES = 1024 * 1024
_NAMES = re.compile(
    r"database\.(?:sqlite3|dump)|secret_key|manifest\.json"
    r"|media(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}){1,8}"
)
"""What may be in an archive. No name leads out of the folder, and none is hidden."""
BROKEN = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error)


def is_name(name: str) -> bool:
    """Whether a file of this name may be in an archive."""
    return _NAMES.fullmatch(name) is not None


class Writer:
    """Puts files into an archive, and remembers what they were."""

    def __init__(self, out: IO[bytes]) -> None:
        self._gzip = gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=out)
        self._tar = tarfile.open(fileobj=self._gzip, mode="w|")  # noqa: SIM115
        self.members: list[Member] = []

    def add(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            self._add(name, file, os.fstat(file.fileno()).st_size)

    def add_bytes(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content), len(content))

    def _add(self, name: str, file: IO[bytes], size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        hashing = _Hashing(file)
        self._tar.addfile(info, hashing)
        self.members.append(Member(name, size, hashing.sha256.hexdigest()))

    def end(self, made: Manifest) -> None:
        self.add_bytes(manifest.NAME, made.text())
        self._tar.close()
        self._gzip.close()


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.sha256.update(piece)
        return piece


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that is at ``path`` once all of it is written, or never. Mode 0600.

    Raises ``KeepingError`` where there is one already.
    """
    if path.exists():
        raise KeepingError(f"{path} exists already, and no backup is written over another.")
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        check(draft)
        put_new(draft, path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check(path: Path) -> Manifest:
    """Read an archive whole and compare it with what it says of itself; return its manifest.

    Raises ``KeepingError``.
    """
    return _read(path, None)


def unpack(path: Path, folder: Path) -> Manifest:
    """Write what is in an archive into ``folder``, and judge it as ``check`` does.

    Only plain files with the names that an archive of ours has. Raises ``KeepingError``.
    """
    return _read(path, folder)


def _read(path: Path, folder: Path | None) -> Manifest:
    found: dict[str, Member] = {}
    said: Manifest | None = None
    try:
        with gzip.open(path) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            for info in tar:
                if said is not None or info.name in found:
                    raise KeepingError(f"“{info.name}” is where no file of a backup is.")
                _judge(info)
                content = tar.extractfile(info)
                if content is None:
                    raise KeepingError(f"“{info.name}” is not a plain file.")
                if info.name == manifest.NAME:
                    said = manifest.read(content.read(manifest.MOST_BYTES))
                else:
                    found[info.name] = _take(info, content, folder)
            while plain.read(PIECE_BYTES):
                pass  # To its end, where gzip has a checksum of its own.
    except BROKEN as error:
        raise KeepingError(f"{path} is no whole backup: it was cut off or damaged.") from error
    if said is None:
        raise KeepingError(f"{path} is no whole backup: its manifest is missing.")
    _compare(said, found)
    return said


def _judge(info: tarfile.TarInfo) -> None:
    if not info.isreg() or info.issparse():
        raise KeepingError(f"“{info.name}” is not a plain file.")
    if not is_name(info.name):
        raise KeepingError(f"“{info.name}” is no file of a backup.")


def _take(info: tarfile.TarInfo, content: IO[bytes], folder: Path | None) -> Member:
    sha256 = hashlib.sha256()
    with _target(info.name, folder) as file:
        size = 0
        while piece := content.read(PIECE_BYTES):
            sha256.update(piece)
            size += len(piece)
            file.write(piece)
    return Member(info.name, size, sha256.hexdigest())


@contextmanager
def _target(name: str, folder: Path | None) -> Iterator[IO[bytes]]:
    if folder is None:
        with Path(os.devnull).open("wb") as nowhere:
            yield nowhere
        return
    path = folder / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        yield file
        file.flush()
        os.fsync(file.fileno())


def _compare(said: Manifest, found: dict[str, Member]) -> None:
    for member in said.members:
        if member.name not in found:
            raise KeepingError(f"“{member.name}” is missing from the backup.")
        if found.pop(member.name) != member:
            raise KeepingError(f"“{member.name}” is not what was backed up: its checksum differs.")
    if found:
        raise KeepingError(f"“{next(iter(found))}” was added to the backup later.")
