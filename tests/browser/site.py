"""The site under test: killed and restarted on the same port, with the same data."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests import prepared_data
from tests.setup.conftest import BASE_DIR, Site, clean_environment, free_port

UNHURRIED = {
    "POSTS_PER_MINUTE": "1000000",
    "POSTS_BURST": "1000000",
    "COMMANDS_PER_MINUTE": "1000000",
    "CONNECTIONS_PER_PERSON": "1000",
    "CONNECTIONS_PER_ADDRESS": "1000",
}


class RealSite:
    """``manage.py serve`` in a folder of its own, and somebody backstage."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._starts = 0
        prepared_data.fill(folder / "data")
        self._variables = {**UNHURRIED, "DATA_DIR": str(folder / "data"), "PORT": str(free_port())}
        self.start()
        self.backstage = Backstage(self._variables)

    @property
    def address(self) -> str:
        return self._site.address

    def start(self) -> None:
        self._starts += 1
        output = self._folder / f"output-{self._starts}"
        self._site = Site(output, ["serve"], **self._variables)
        self._site.wait_until_it_serves()

    def kill(self) -> None:
        """As the power cut does: without a word to anybody."""
        self._site.stop(signal.SIGKILL)

    def close(self) -> None:
        self.backstage.close()
        self._site.stop(signal.SIGKILL)
        for output in self._folder.glob("output-*"):
            assert "Traceback" not in output.read_text(), output.read_text()


class Backstage:
    """A long-lived ``backstage.py``: asking it costs milliseconds, not a start of Django."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.backstage"],
            cwd=BASE_DIR,
            env={
                **clean_environment(),
                **variables,
                "DJANGO_SETTINGS_MODULE": "chatsite.settings",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, do: str, **wish: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps({"do": do, **wish}), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, "Backstage could not do it; its traceback is above."
        return json.loads(answer)["done"]

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)
