"""Our system checks: what Django's own do not know of a chat, told by ``check --deploy``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

from chatsite import databases, secret_key


@register(Tags.security, deploy=True)
def open_hosts(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    hint = "List the names under which the site is reached."
    return [checks.Warning("ALLOWED_HOSTS is open to every host.", hint=hint, id="chatsite.W001")]


@register(Tags.security, deploy=True)
def weak_keys(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if all(map(secret_key.is_strong, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])):
        return []
    return [checks.Error("A secret key is weak.", hint="Leave SECRET_KEY out.", id="chatsite.E001")]


@register(Tags.security, deploy=True)
def one_process(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without Redis, throttles are counted in one process and sockets heard in one."""
    if not settings.IN_PROCESS:
        return []
    hint = "Set REDIS_URL before a second server is started."
    message = "Layer and throttles live in one process: only one server can run."
    return [checks.Warning(message, hint=hint, id="chatsite.W002")]


@register(Tags.database, deploy=True)
def database(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
        return []
    found: list[CheckMessage] = []
    if not settings.IN_PROCESS:
        message = "REDIS_URL is for several servers, but they would share one SQLite file."
        hint = "Set DATABASE_URL to a PostgreSQL database."
        found.append(checks.Warning(message, hint=hint, id="chatsite.W003"))
    if not databases.sqlite_is_sound():
        message = "This SQLite has a rare fault that can damage a database in WAL mode."
        hint = "Use SQLite 3.51.3 or newer, or PostgreSQL; keep backups."
        found.append(checks.Warning(message, hint=hint, id="chatsite.W004"))
    return found


@register(Tags.security, deploy=True)
def plain_http(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not any(origin.startswith("https://") for origin in settings.ORIGINS):
        return []
    if settings.SESSION_COOKIE_SECURE:
        return []
    hint = "Set BEHIND_TLS=1, so that cookies stay on encrypted lines."
    message = "ORIGINS has an https:// address, but BEHIND_TLS is off."
    return [checks.Warning(message, hint=hint, id="chatsite.W005")]


@register(Tags.security, deploy=True)
def staff_by_password(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.REQUIRE_STAFF_SECOND_FACTOR:
        return []
    hint = "Set REQUIRE_STAFF_SECOND_FACTOR=1."
    message = "A stolen password of one of the staff is enough to enter the admin."
    return [checks.Warning(message, hint=hint, id="chatsite.W006")]
