"""A slice of a core for a process, held by the kernel's own accounting (cgroups, v1 or v2).

Servers with the same slice each can be compared on a machine that has fewer cores than they
would need: two of them have twice the processor of one, as on two machines, and whoever else
is needed (database, Redis, clients) has what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PERIOD_US = 4_000
"""Short: a server that has used up its slice waits for milliseconds, no longer."""
_V1 = Path("/sys/fs/cgroup/cpu")
_V2 = Path("/sys/fs/cgroup")


class NoSlicesError(RuntimeError):
    """The kernel does not let us: no root, or no control group of processors."""


@contextmanager
def slice_of(pid: int, share: float) -> Iterator[None]:
    """Hold the process ``pid``, all its threads, to ``share`` of one core during the block.

    Raises ``NoSlicesError``.
    """
    quota = round(share * PERIOD_US)
    old = (_V1 / "cpu.shares").exists() or (_V1 / "tasks").exists()
    group = (_V1 if old else _V2) / f"chat-benchmark-{pid}"
    limits = (
        {"cpu.cfs_period_us": PERIOD_US, "cpu.cfs_quota_us": quota}
        if old
        else {"cpu.max": f"{quota} {PERIOD_US}"}
    )
    try:
        group.mkdir()
        for name, value in limits.items():
            (group / name).write_text(str(value))
        (group / "cgroup.procs").write_text(str(pid))
    except OSError as error:
        raise NoSlicesError(f"cgroups cannot be used here: {error}") from error
    try:
        yield
    finally:
        (group.parent / "cgroup.procs").write_text(str(pid))
        group.rmdir()
