"""One process of the site: ``manage.py serve`` on a port of its own."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.scale.program import Program, make_folder

PROJECT = Path(__file__).resolve().parent.parent.parent


class App(Program):
    """``stop`` is a SIGTERM: it drains, and ends. ``kill`` is a -9."""

    def __init__(self, folder: Path, port: int, environment: Mapping[str, str], name: str) -> None:
        super().__init__(make_folder(folder, None), port)
        self.name = name
        self.environment = {**environment, "PORT": str(port)}
        """What it is started with; a change holds from the next start on."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [sys.executable, str(PROJECT / "manage.py"), "serve"]

    def variables(self) -> Mapping[str, str]:
        return self.environment

    def is_ready(self) -> bool:
        return self.status("/healthz") == 200

    def status(self, path: str) -> int:
        """The status with which this process answers to a GET; 0 where it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
