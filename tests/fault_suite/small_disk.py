"""A disk that can be full: a small file system of its own, or a limit on what may be written."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path
from typing import Protocol

from tests.fault_suite.world import World
from tests.fault_suite.worlds import one_process

SIZE_MIB = 96
BLOCK = b"\0" * 4096


class Disk(Protocol):
    """Where a site keeps its data."""

    kind: str

    def fill(self, world: World) -> None:
        """Let there be no place left."""

    def free(self, world: World) -> None:
        """Let there be place again."""


class SmallFileSystem:
    """A tmpfs, as mounted by root: writing to it fails with ENOSPC, as on a real full disk."""

    kind = "a full file system (ENOSPC)"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ballast = folder / "ballast"

    def fill(self, world: World) -> None:
        """Write until nothing can be written any more, not even a little."""
        with self._ballast.open("wb", buffering=0) as file:
            for block in (BLOCK * 256, BLOCK):
                while _writes(file.fileno(), block):
                    continue

    def free(self, world: World) -> None:
        """Remove what was written."""
        self._ballast.unlink()


class WriteLimit:
    """Where nobody may mount: RLIMIT_FSIZE of the servers, so that no file of theirs may grow."""

    kind = "a limit on the size of files (EFBIG), since nothing can be mounted here"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fill(self, world: World) -> None:
        """Let nothing be written anywhere but at the very beginning of a file."""
        self._limit(world, len(BLOCK))

    def free(self, world: World) -> None:
        """Let everything be written again."""
        self._limit(world, resource.RLIM_INFINITY)

    def _limit(self, world: World, size: int) -> None:
        for app in world.apps:
            _, hard = resource.prlimit(app.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(app.pid, resource.RLIMIT_FSIZE, (size, hard))


def _writes(file: int, block: bytes) -> bool:
    try:
        return os.write(file, block) == len(block)
    except OSError:
        return False


def on_a_small_disk(folder: Path) -> World:
    """Start a site of one process on a disk that can be filled; its ``parts`` are the disk."""
    data = folder / "data"
    data.mkdir()
    size = f"size={SIZE_MIB}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "none", str(data)], capture_output=True, check=False
    )
    disk: Disk = WriteLimit(data) if mounted.returncode else SmallFileSystem(data)
    try:
        world = one_process(folder)
    except BaseException:
        _unmount(data, was_mounted=not mounted.returncode)
        raise
    world.parts = disk
    world.after_the_end(lambda: _unmount(data, was_mounted=not mounted.returncode))
    return world


def _unmount(data: Path, *, was_mounted: bool) -> None:
    if was_mounted:
        subprocess.run(["umount", str(data)], check=True)
