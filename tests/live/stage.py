"""A real site in a process of its own, with its cast and their windows."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from tests import prepared_data
from tests.live.house import BASE_DIR, STOP_TIMEOUT_S, Browser, House, Someone

__all__ = ["Browser", "Someone", "Stage", "free_port", "until"]

START_TIMEOUT_S = 180
COMMANDS = {
    "uvicorn": ("manage.py", "serve"),
    "daphne": ("manage.py", "runserver", "--noreload", "{port}"),
}


class Stage(House):
    """A server that can be stopped, killed and started again on the same port and data."""

    def __init__(
        self,
        folder: Path,
        server: str = "uvicorn",
        program: Sequence[str] = (),
        **variables: str,
    ) -> None:
        """``program`` is what Python runs in place of the server's own command."""
        self.server = server
        self._program = program or COMMANDS[server]
        self.folder = folder
        self.port = free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME")},
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
            # A developer's .env must not reach these sites: an empty value wins over it.
            **dict.fromkeys(("HOST", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "ORIGINS"), ""),
            **dict.fromkeys(("ALLOWED_HOSTS", "REGISTRATION", "BEHIND_TLS", "DEBUG"), ""),
            **variables,
        }
        super().__init__(environment)
        self._process: subprocess.Popen[bytes] | None = None

    # --- The server -----------------------------------------------------------------

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return (self.folder / "output").read_text(errors="replace")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def memory_mib(self) -> float:
        """What the server's process holds now."""
        return memory_mib(self.pid)

    def start(self) -> None:
        """Start, and return once it answers."""
        data = Path(self.environment["DATA_DIR"])
        if not self.environment["DATABASE_URL"]:
            prepared_data.fill(data)
        if self.server != "uvicorn" and not data.exists():
            self.prepare()
        command = [part.format(port=self.port) for part in self._program]
        self._process = self._python(*command)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            assert self._process.poll() is None, f"It stopped:\n{self.said}"
            assert time.monotonic() < deadline, f"It does not serve:\n{self.said}"
            time.sleep(0.02)

    def prepare(self) -> None:
        """Make what is missing: tables, static files."""
        process = self._python("manage.py", "serve", "--prepare-only")
        try:
            assert process.wait(START_TIMEOUT_S) == 0, f"It cannot be prepared:\n{self.said}"
        finally:
            process.kill()

    def _python(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("ab") as file:
            return subprocess.Popen(
                [sys.executable, *command],
                cwd=BASE_DIR,
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/healthz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def signal(self, signum: int) -> None:
        """Send a signal to the server."""
        assert self._process is not None
        self._process.send_signal(signum)

    def wait(self) -> int:
        """Wait for the server's end, and return its exit code."""
        assert self._process is not None
        return self._process.wait(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """Kill -9, and wait for the end."""
        self.signal(signal.SIGKILL)
        self.wait()

    def end(self) -> None:
        """End everything that was started."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        self.close_backstage()


def memory_mib(pid: int) -> float:
    """What a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Return once ``condition`` holds; fail after ``within`` seconds."""
    import asyncio

    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        await asyncio.sleep(0.01)
