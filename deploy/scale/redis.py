"""A Redis of the cluster's own. Nothing in it has to outlive it, so it writes no files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import redis

from deploy.scale.program import Program, find, make_folder


class Redis(Program):
    """Redis on loopback; what it held is gone when it stops, as after a real crash."""

    name = "Redis"

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(make_folder(folder, None), port)

    @property
    def url(self) -> str:
        """What ``REDIS_URL`` wants."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        words = {
            "--port": str(self.port),
            "--bind": "127.0.0.1",
            "--save": "",
            "--appendonly": "no",
            "--dir": str(self.folder),
            "--loglevel": "warning",
        }
        return [find("redis-server", "redis-server"), *(p for pair in words.items() for p in pair)]

    def is_ready(self) -> bool:
        try:
            return bool(self.cli("PING"))
        except redis.ConnectionError:
            return False

    def cli(self, *words: str) -> Any:
        """Send one command, as ``redis-cli`` would, and return its answer."""
        with redis.Redis(port=self.port, socket_timeout=5, decode_responses=True) as client:
            return client.execute_command(*words)
