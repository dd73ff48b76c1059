"""A real site in a process of its own, in a folder and on a port of its own."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent.parent
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20
# What the developer's own shell or .env says must not reach these sites.
OURS = (
    *("DRAIN_SECONDS", "MIGRATE_AT_START", "STATIC_ROOT"),
    *("ALLOWED_HOSTS", "BEHIND_TLS", "DATABASE_URL", "DATA_DIR", "DEBUG", "EMAIL_URL", "HOST"),
    *("LOG_LEVEL", "ORIGINS", "PORT", "REDIS_URL", "REGISTRATION", "SECRET_KEY", "SITE_NAME"),
    *("TRUSTED_PROXIES", "REQUIRE_STAFF_SECOND_FACTOR", "LOG_FORMAT", "LOG_REQUESTS"),
    "METRICS_TOKEN",
)


class Site:
    """A command of ``manage.py`` that serves, under the variables given."""

    def __init__(self, output: Path, command: Sequence[str], **variables: str) -> None:
        self.port = int(variables["PORT"])
        self._output = output
        with output.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", *command],
                cwd=BASE_DIR,
                env={**clean_environment(), **variables},
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self._output.read_text()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_it_serves(self, says: str = "Press Ctrl-C to stop.") -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, f"It stopped:\n{self.said}"
            # The greeting is said after the port is open and everything is loaded.
            if says in self.said:
                return
            time.sleep(0.05)
        raise AssertionError(f"It does not serve:\n{self.said}")

    def get(self, path: str) -> tuple[int, bytes]:
        with self.open(path) as answer:
            return answer.status, answer.read()

    def open(self, path: str) -> http.client.HTTPResponse | urllib.error.HTTPError:
        try:
            answer: http.client.HTTPResponse = urllib.request.urlopen(
                self.address + path, timeout=10
            )
        except urllib.error.HTTPError as error:
            return error
        return answer

    def stop(self, signum: int = signal.SIGTERM) -> int:
        """Ask it to stop, and return its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signum)
        return self.exit_code()

    def exit_code(self) -> int:
        try:
            return self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise


def clean_environment() -> dict[str, str]:
    # An empty value counts as not given, and wins over a developer's .env.
    return {**os.environ, **dict.fromkeys(OURS, "")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Start sites; they share a data folder unless told otherwise, and are stopped at the end."""
    sites: list[Site] = []

    def start_one(*command: str, **variables: str) -> Site:
        variables = {"DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port()), **variables}
        site = Site(tmp_path / f"output-{len(sites)}", command or ["serve"], **variables)
        sites.append(site)
        return site

    yield start_one
    for site in sites:
        site.stop(signal.SIGKILL)
