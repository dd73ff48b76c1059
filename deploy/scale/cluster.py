"""The shape of production on one machine: PostgreSQL, Redis, processes of the site, nginx."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from chatsite.variables import names_in
from deploy.ready import SETTLE_S, wait_until_ready
from deploy.scale.app import PROJECT, App
from deploy.scale.nginx import Nginx
from deploy.scale.ports import free_port
from deploy.scale.postgres import Postgres
from deploy.scale.program import ScaleError
from deploy.scale.redis import Redis

_NOTHING: Mapping[str, str] = {}


class Cluster:
    """Starts everything on free ports of loopback when entered; stops and removes it at exit.

    ``redis_url`` and ``database_url`` are what the processes use instead of the cluster's
    own addresses, through a proxy for one. ``settings`` are further environment variables.
    """

    def __init__(
        self,
        *,
        processes: int = 2,
        folder: Path | None = None,
        settings: Mapping[str, str] = _NOTHING,
        redis_url: str | None = None,
        database_url: str | None = None,
        nginx: bool = True,
        tls: bool = False,
    ) -> None:
        self._keeps_folder = folder is not None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="chat-scale-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        # PostgreSQL and nginx run as users of their own, and have to get in.
        self.folder.chmod(0o755)
        self.postgres = Postgres(self.folder / "postgres", free_port())
        self.redis = Redis(self.folder / "redis", free_port())
        ports = [free_port() for _ in range(processes)]
        self.nginx = self._nginx(ports, tls=tls) if nginx else None
        self.address = self.nginx.address if self.nginx else f"http://127.0.0.1:{ports[0]}"
        self.environment = {
            **self._environment(ports),
            "DATABASE_URL": database_url or self.postgres.url,
            "REDIS_URL": redis_url or self.redis.url,
            **settings,
        }
        self.apps = [
            App(self.folder / f"app-{number}", port, self.environment, f"process {number}")
            for number, port in enumerate(ports, 1)
        ]

    # --- Starting and stopping -------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start what does not run, and return once the site serves."""
        self.postgres.launch()
        self.redis.start()
        self.postgres.wait_until_ready()
        self.manage("serve", "--prepare-only")
        for app in self.apps:
            app.launch()
        for app in self.apps:
            app.wait_until_ready()
        if self.nginx:
            self.nginx.start()

    def stop(self) -> None:
        """Stop everything, and remove the folder unless it was given."""
        if self.nginx:
            self.nginx.stop()
        for app in self.apps:
            app.kill()
        self.redis.kill()
        self.postgres.stop(mode="immediate")
        if not self._keeps_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def roll(self) -> None:
        """Start the processes anew, one after the other, while the others serve."""
        for app in self.apps:
            app.stop()
            app.start()
            if not wait_until_ready(app.address):
                raise ScaleError(f"{app.name} is not ready:\n{app.last_words()}")
            time.sleep(SETTLE_S)

    # --- Beside the site -----------------------------------------------------------------------

    def manage(self, *words: str, timeout: float = 300) -> str:
        """Run a command of ``manage.py`` against the same store; return what it said.

        Raises ``ScaleError`` where it fails.
        """
        done = subprocess.run(
            [self.apps[0].command()[0], str(PROJECT / "manage.py"), *words],
            env=self.environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode:
            said = f"{done.stdout}\n{done.stderr}"[-3000:]
            raise ScaleError(f"manage.py {' '.join(words)} failed:\n{said}")
        return done.stdout

    def owner_link(self) -> str:
        """A one-time link that makes the owner's account; "" once there is an owner."""
        return self.manage("owner_link").strip()

    @property
    def traces(self) -> str:
        """What the processes of the site said, where one of them told of a fault."""
        said = [f"--- {app.name}\n{app.last_words(20_000)}" for app in self.apps]
        return "\n".join(words for words in said if "Traceback" in words)

    # --- What it is made of ------------------------------------------------------------------

    def _nginx(self, ports: list[int], *, tls: bool) -> Nginx:
        return Nginx(
            self.folder / "nginx",
            free_port(),
            servers=[f"127.0.0.1:{port}" for port in ports],
            static=self.folder / "static",
            tls=tls,
        )

    def _environment(self, ports: list[int]) -> dict[str, str]:
        """Settings as in production, and nothing of a developer's shell or ``.env``."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        tls = self.nginx is not None and self.nginx.tls
        return {
            **kept,
            **dict.fromkeys(names_in(PROJECT / ".env"), ""),
            "HOST": "127.0.0.1",
            "PORT": str(ports[0]),
            "DATA_DIR": str(self.folder / "data"),
            "STATIC_ROOT": str(self.folder / "static"),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ORIGINS": self.address,
            "TRUSTED_PROXIES": "1" if self.nginx else "0",
            "BEHIND_TLS": "1" if tls else "0",
        }
