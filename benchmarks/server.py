"""Starts a server on a core of its own, on loopback, and stops it whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import meter

PROJECT = Path(__file__).resolve().parent.parent
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = CORES[0]
LOAD_CORE = CORES[-1]
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 15


Watch = Callable[[int], AbstractContextManager[object]]
"""Looks at a process by its id while a window of load lasts."""


@dataclass
class Usage:
    """What a window of load cost the server; filled in when it ends."""

    seconds: float = 0
    cpu_seconds: float = 0
    others: float = 0
    """The share of the fuller of the two cores that went to processes that are not ours."""

    @property
    def busy(self) -> float:
        """The share of its core that the server used."""
        return self.cpu_seconds / self.seconds


@dataclass(frozen=True)
class Server:
    """A server that runs: where it listens and what it uses."""

    pid: int
    port: int
    log: Path
    watch: Watch = nullcontext
    usages: list[Usage] = field(default_factory=list)
    """What each window cost, in order."""

    @contextmanager
    def window(self) -> Iterator[Usage]:
        """Measure what the block costs. Only what is in a window is measured or profiled."""
        usage = Usage()
        with self.watch(self.pid):
            cpu, start = meter.cpu_seconds(self.pid), time.monotonic()
            cores = meter.core_seconds(SERVER_CORE), meter.core_seconds(LOAD_CORE)
            own = time.process_time()
            try:
                yield usage
            finally:
                usage.seconds = time.monotonic() - start
                usage.cpu_seconds = meter.cpu_seconds(self.pid) - cpu
                on_ours = meter.core_seconds(SERVER_CORE) - cores[0] - usage.cpu_seconds
                on_load = meter.core_seconds(LOAD_CORE) - cores[1] - (time.process_time() - own)
                usage.others = max(0.0, on_ours, on_load) / usage.seconds
                self.usages.append(usage)

    def memory_kb(self) -> int:
        return meter.memory_kb(self.pid)

    def complaints(self) -> str:
        """Say how many faults its log has, with the end of the last one; "" for none."""
        log = self.log.read_text(errors="replace")
        faults = log.count("Traceback") or log.count(" ERROR ")
        return f"{faults} faults in the server's log, the last:\n{_end_of(self.log)}" * bool(faults)


@asynccontextmanager
async def running(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    watch: Watch = nullcontext,
) -> AsyncIterator[Server]:
    """Run ``command`` until the block ends; ``{port}`` in its words becomes a free port.

    Its output goes to ``server.log`` in ``folder``. Raises ``RuntimeError`` with the end of
    that log if it does not listen within ``START_TIMEOUT_S``.
    """
    port = free_port()
    words = [word.replace("{port}", str(port)) for word in command]
    values = {name: value.replace("{port}", str(port)) for name, value in environment.items()}
    log = folder / "server.log"
    with log.open("wb") as output:
        # A group of its own: Ctrl-C in the terminal reaches only us, and we stop it.
        process = subprocess.Popen(  # noqa: ASYNC220 - nothing else happens meanwhile
            words,
            cwd=PROJECT,
            env={**os.environ, **values},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        # It has one thread yet; those it will start inherit the core.
        os.sched_setaffinity(process.pid, {SERVER_CORE})
        await _until_listening(process, port, log)
        yield Server(process.pid, port, log, watch)
    finally:
        _stop(process)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise RuntimeError(f"the server did not start:\n{_end_of(log)}")


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
