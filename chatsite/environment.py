"""What the operator says: environment variables and ``.env``, read once and judged."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Environment:
    """The judged answers. Draft: the full reader replaces this."""

    data_dir: Path
    secret_key: str
    database: dict[str, Any]
    channel_layer: dict[str, Any]
    cache: dict[str, Any]
    debug: bool = False
    secret_key_fallbacks: list[str] = field(default_factory=list)
    allowed_hosts: list[str] = field(default_factory=lambda: ["127.0.0.1", "localhost", "[::1]"])
    origins: list[str] = field(default_factory=lambda: ["http://127.0.0.1:8000", "http://localhost:8000"])
    site_name: str = "Chat"
    database_threads: int = 4
    posts_per_minute: int = 60
    posts_burst: int = 10
    commands_per_minute: int = 120
    connections_per_person: int = 10
    connections_per_address: int = 20
    trusted_proxies: int = 0
    registration: str = "open"
    email: dict[str, Any] = field(default_factory=lambda: {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"})
    behind_tls: bool = False
    log_level: str = "INFO"


def read(base_dir: Path) -> Environment:
    data_dir = Path(os.environ.get("DATA_DIR", base_dir / "data"))
    data_dir.mkdir(parents=True, exist_ok=True)
    key = data_dir / "secret_key"
    if not key.exists():
        key.touch(0o600)
        key.write_text(secrets.token_urlsafe(64))
    return Environment(
        data_dir=data_dir,
        secret_key=key.read_text(),
        database={
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": data_dir / "chat.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 5,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        },
        channel_layer={
            "BACKEND": "channels.layers.InMemoryChannelLayer",
            "CONFIG": {"capacity": 10_000, "expiry": 60},
        },
        cache={"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    )
