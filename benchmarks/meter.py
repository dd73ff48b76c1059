"""What a server costs: processor time and memory, as the kernel counts them."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return ``pid`` and every process below it."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found.extend(int(child) for child in children.read_text().split())
    return found


def cpu_seconds(pid: int) -> float:
    """Return the processor time of ``pid`` and its children so far, all threads.

    User and system time of ``/proc/<pid>/stat`` (proc(5), fields 14 and 15).
    """
    return sum(_ticks(each) for each in family(pid)) / _TICKS


def _ticks(pid: int) -> int:
    # The command's name is in parentheses and may hold anything: count from behind it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def core_seconds(core: int) -> float:
    """Return the time that a core has worked so far, for whomever (proc(5), ``/proc/stat``)."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _iowait, irq, softirq, steal, *_ = map(int, ticks)
            return (user + nice + system + irq + softirq + steal) / _TICKS
    raise ValueError(f"the kernel knows no core {core}")


def memory_kb(pid: int) -> int:
    """Return the memory of ``pid`` and its children in kB, shared pages by their share (PSS)."""
    return sum(_pss(each) for each in family(pid))


def _pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise ValueError(f"the kernel says nothing of the memory of process {pid}")


def unsent_bytes(server_port: int, client_port: int) -> int:
    """Return what the kernel holds for a connection of ours because its reader does not read."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if _port(local) == server_port and _port(remote) == client_port:
            return int(queues.partition(":")[0], 16)
    return 0


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)
