"""A Redis that a test may kill, freeze and start again on the same port; and a silent one."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

START_TIMEOUT_S = 10.0


def find_redis() -> str:
    """Return the program, or skip the test with what to install."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed: apt-get install redis-server")
    return program


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class OwnRedis:
    """``words`` are more of redis-server's own options; ``client`` is how the test gets in."""

    def __init__(self, folder: Path, *words: str, port: int | None = None, **client: Any) -> None:
        self.port = port or free_port()
        self._command = [
            *(find_redis(), "--port", str(self.port), "--bind", "127.0.0.1"),
            *("--save", "", "--dir", str(folder), "--loglevel", "warning", *words),
        ]
        self._client = {"port": self.port, "socket_timeout": 2, **client}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, and return once it answers."""
        self._process = subprocess.Popen(self._command)
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self.cli("PING")
            except redis.RedisError as error:
                assert time.monotonic() < deadline, f"redis-server does not answer: {error}"
                time.sleep(0.02)
            else:
                return

    def cli(self, *words: str) -> Any:
        """Send one command and return its answer."""
        with redis.Redis(**self._client, decode_responses=True) as client:
            return client.execute_command(*words)

    def signal(self, signum: int) -> None:
        assert self._process is not None
        self._process.send_signal(signum)

    def kill(self) -> None:
        """Kill -9, and wait for the end."""
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait(10)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It is there, takes connections by the kernel, and does nothing."""
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Somebody else sits on its port, who takes connections and says nothing."""
        self.kill()
        with socket.create_server(("127.0.0.1", self.port), backlog=1000) as listener:
            try:
                yield
            finally:
                listener.close()
        self.start()

    def end(self) -> None:
        """End it, however it is."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
