"""What the operator says: environment variables and ``.env``, read once and judged.

The process environment wins over the file. Everything that is wrong is told at
once, a sentence each. ``docs/settings.md`` lists the variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat.redis.address import RedisAddress
from chatsite import databases, layers, mail, origins, secret_key
from chatsite.redis_url import redis_addresses
from chatsite.variables import SettingsError, Variables, load, names_in

REGISTRATIONS = ("open", "invitation", "closed")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")
LEAST_TOKEN_CHARS = 16


@dataclass(frozen=True)
class Environment:
    """The judged answers, in the shapes that Django's settings want."""

    data_dir: Path
    static_root: Path
    host: str
    port: int
    allowed_hosts: list[str]
    origins: list[str]
    drain_seconds: int
    """Between being asked to stop and refusing connections, for proxies to notice."""
    behind_tls: bool
    trusted_proxies: int
    """How many proxies of the operator's stand before the server."""
    secret_key: str
    secret_key_fallbacks: list[str]
    debug: bool
    log_level: str
    log_format: str
    log_requests: bool
    metrics_token: str
    """What opens /metrics to who does not ask from this machine; "" where nothing does."""
    site_name: str
    registration: str
    require_staff_second_factor: bool
    email: dict[str, Any]
    database: dict[str, Any]
    database_threads: int
    migrate_at_start: bool
    channel_layer: dict[str, Any]
    caches: dict[str, dict[str, Any]]
    redis: tuple[RedisAddress, ...]
    """Shards of the layer; what is counted for all processes is in the first."""
    in_process: bool
    """Whether layer and cache live in this process alone, so that there may be only one."""
    posts_per_minute: int
    posts_burst: int
    commands_per_minute: int
    connections_per_person: int
    connections_per_address: int
    reports_per_minute: int
    evidence_days: int
    address_days: int
    newcomer_hours: int
    keep_days: int
    """Days for which messages are kept where a room says nothing else; 0: for ever."""


def read(base_dir: Path, values: Mapping[str, str] | None = None) -> Environment:
    """Read the environment and ``.env`` in ``base_dir``; make the data folder and the key.

    ``values`` replaces both, for tests. Raises ``SettingsError`` with a sentence for
    each variable that is wrong.
    """
    variables = Variables(load(base_dir / ".env") if values is None else values)
    data_dir = base_dir / variables.text("DATA_DIR", "data")
    _make_folder(data_dir)
    host, port, allowed_hosts, allowed_origins = origins.from_variables(variables)
    threads = variables.number("DATABASE_THREADS", 4, least=1, most=64)
    redis = redis_addresses(variables)
    answers = Environment(
        data_dir=data_dir,
        static_root=base_dir / (variables.text("STATIC_ROOT") or data_dir / "static"),
        host=host,
        port=port,
        allowed_hosts=allowed_hosts,
        origins=allowed_origins,
        drain_seconds=variables.number("DRAIN_SECONDS", 0, least=0, most=300),
        behind_tls=variables.yes_no("BEHIND_TLS"),
        trusted_proxies=variables.number("TRUSTED_PROXIES", 0, least=0, most=10),
        secret_key=secret_key.from_variables(variables, data_dir),
        secret_key_fallbacks=secret_key.fallbacks(variables),
        debug=variables.yes_no("DEBUG"),
        log_level=variables.choice("LOG_LEVEL", "INFO", LOG_LEVELS),
        log_format=variables.choice("LOG_FORMAT", "text", LOG_FORMATS),
        log_requests=variables.yes_no("LOG_REQUESTS"),
        metrics_token=_token(variables, "METRICS_TOKEN"),
        site_name=variables.text("SITE_NAME", "Chat"),
        registration=variables.choice("REGISTRATION", "open", REGISTRATIONS),
        require_staff_second_factor=variables.yes_no("REQUIRE_STAFF_SECOND_FACTOR"),
        email=mail.from_variables(variables),
        database=databases.from_variables(variables, data_dir, threads),
        database_threads=threads,
        migrate_at_start=variables.yes_no("MIGRATE_AT_START", default=True),
        channel_layer=layers.channel_layer(redis),
        caches=layers.caches(redis),
        redis=redis,
        in_process=not redis,
        posts_per_minute=_limit(variables, "POSTS_PER_MINUTE", 60),
        posts_burst=_limit(variables, "POSTS_BURST", 10),
        commands_per_minute=_limit(variables, "COMMANDS_PER_MINUTE", 120),
        connections_per_person=_limit(variables, "CONNECTIONS_PER_PERSON", 10),
        connections_per_address=_limit(variables, "CONNECTIONS_PER_ADDRESS", 20),
        reports_per_minute=_limit(variables, "REPORTS_PER_MINUTE", 10),
        evidence_days=variables.number("EVIDENCE_DAYS", 7, least=0, most=3650),
        address_days=variables.number("ADDRESS_DAYS", 30, least=0, most=3650),
        newcomer_hours=variables.number("NEWCOMER_HOURS", 24, least=0, most=8760),
        keep_days=variables.number("KEEP_DAYS", 0, least=0, most=3650),
    )
    if values is None:
        variables.refuse_misspelt(names_in(base_dir / ".env"))
    if variables.refusals:
        raise SettingsError(dict.fromkeys(variables.refusals))
    return answers


def _limit(variables: Variables, name: str, default: int) -> int:
    return variables.number(name, default, least=1, most=1_000_000)


def _token(variables: Variables, name: str) -> str:
    token = variables.text(name)
    if token and (len(token) < LEAST_TOKEN_CHARS or not token.isascii()):
        allowed = f"at least {LEAST_TOKEN_CHARS} characters of ASCII that nobody can guess"
        variables.refuse(name, allowed, shown=f"a text of {len(token)} characters")
    return token


def _make_folder(path: Path) -> None:
    try:
        # Messages and the key will be in it: for its owner's eyes.
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            [f"DATA_DIR is “{path}”, but must be a folder that can be made: {error.strerror}."]
        ) from error
