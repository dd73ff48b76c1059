"""One program of the cluster: started, watched until it is ready, stopped, killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

START_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 30.0
_LOOK_EVERY_S = 0.1
# Where Debian keeps what only administrators call.
_PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


class ScaleError(Exception):
    """The cluster cannot be had. Its text is for the operator."""


def find(program: str, package: str) -> str:
    """Return the path of a program. Raises ``ScaleError`` that says which package has it."""
    found = shutil.which(program, path=_PLACES)
    if found is None:
        raise ScaleError(f"{program} is missing: apt-get install {package}")
    return found


class Program(ABC):
    """A child process that can be stopped and started again on the same port and folder."""

    name: str
    user: str | None = None
    """Who it runs as, where that is not who we are."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.log_path = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The words that start it."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it serves. Asked again and again while it starts."""

    def variables(self) -> Mapping[str, str] | None:
        """The environment it runs in; ``None``: ours."""
        return None

    @property
    def pid(self) -> int:
        """The id of the process that was started last."""
        if self._process is None:
            raise ScaleError(f"{self.name} was never started.")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, and return once it is ready. Does nothing where it runs."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start it, and do not wait."""
        if self.is_running:
            return
        with self.log_path.open("ab") as log:
            # In a session of its own, so that Ctrl-C reaches us alone, and we stop it in turn.
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                env=self.variables(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.is_ready():
            if not self.is_running:
                raise ScaleError(f"{self.name} stopped while it started:\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise ScaleError(f"{self.name} does not serve:\n{self.last_words()}")
            time.sleep(_LOOK_EVERY_S)

    def stop(self, signum: int = signal.SIGTERM) -> int:
        """Ask it to stop, wait, and return its exit code. Killed where it does not listen."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signum)
        try:
            return self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def kill(self) -> None:
        """End it at once (-9), with its children, and wait for the end."""
        if self._process is None or self._process.poll() is not None:
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def last_words(self, chars: int = 2000) -> str:
        """The end of what it said."""
        return self.log_path.read_text(errors="replace")[-chars:] if self.log_path.exists() else ""


def make_folder(path: Path, user: str | None) -> Path:
    """Make a folder that belongs to ``user``, and return it."""
    path.mkdir(mode=0o755, parents=True, exist_ok=True)
    if user is not None:
        shutil.chown(path, user, user)
    return path
