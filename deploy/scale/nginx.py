"""nginx before the processes, from the templates that production uses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.nginx import render
from deploy.scale.certificate import make_certificate
from deploy.scale.ports import free_port
from deploy.scale.program import Program, ScaleError, find, make_folder

PACKAGE = "nginx"


class Nginx(Program):
    """Listens on ``port``; with TLS there, where ``tls``, and plain HTTP leads to it."""

    name = "nginx"

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        servers: Sequence[str],
        static: Path,
        tls: bool = False,
        origin: str = "",
    ) -> None:
        """``origin`` is how people reach it where that is not by its own address."""
        super().__init__(make_folder(folder, None), port)
        self.tls = tls
        self._origin = origin or self.address
        self.plain_port = free_port() if tls else port
        """Where plain HTTP is; with TLS it only leads to ``port``."""
        self._servers = servers
        self._static = static
        self.certificate = folder / "certificate.pem"
        """Self-made, with TLS: what a client has to trust."""

    @property
    def address(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        words = ["-e", str(self.log_path), "-p", str(self.folder), "-c", str(self._written)]
        return [find("nginx", PACKAGE), *words, "-g", "daemon off;"]

    def launch(self) -> None:
        if not self._written.exists():
            self.write()
        super().launch()

    def write(self) -> None:
        """Write the configuration from the templates."""
        make_folder(self.folder / "temp", None)
        key = self.folder / "key.pem"
        if self.tls:
            make_certificate(self.certificate, key)
        render.render(
            self._written.parent,
            {
                "CHAT_USER": "www-data" if os.geteuid() == 0 else _own_name(),
                "CHAT_RUN": str(self.folder),
                "CHAT_ERROR_LOG": str(self.log_path),
                "CHAT_TEMP": str(self.folder / "temp"),
                "CHAT_MIME_TYPES": "/etc/nginx/mime.types",
                "CHAT_SITE": "tls" if self.tls else "http",
                "CHAT_HTTP": f"127.0.0.1:{self.plain_port}",
                "CHAT_HTTPS": f"127.0.0.1:{self.port}",
                "CHAT_HOSTS": "127.0.0.1 localhost",
                "CHAT_ORIGIN": self._origin,
                "CHAT_CERTIFICATE": str(self.certificate),
                "CHAT_CERTIFICATE_KEY": str(key),
                "CHAT_STATIC": str(self._static),
                "CHAT_SERVERS": render.servers(self._servers),
            },
        )

    def check(self) -> str:
        """Let nginx judge its configuration (``nginx -t``), and return what it says.

        Raises ``ScaleError`` where it refuses it.
        """
        words = [word for word in self.command() if word not in ("-g", "daemon off;")]
        judged = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
        if judged.returncode:
            raise ScaleError(f"nginx refuses its configuration:\n{judged.stderr}")
        return judged.stderr

    def is_ready(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, signum: int = signal.SIGTERM) -> int:
        return super().stop(signum)

    @property
    def _written(self) -> Path:
        return self.folder / "conf" / "nginx.conf"


def _own_name() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name
