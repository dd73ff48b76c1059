"""What the terminal says when the site is up: where it is, and how to become its owner."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from django.conf import settings

from chatsite import databases, origins


def addresses() -> tuple[str, list[str]]:
    """The address to open on this machine, and those for others in the local network."""
    if settings.HOST not in origins.EVERYWHERE:
        return _address(settings.HOST), []
    return _address("127.0.0.1"), [_address(host) for host in origins.local_addresses()]


def lines(*, owner_path: str | None) -> Sequence[str]:
    """The greeting. ``owner_path`` is the one-time link's, where the site has no owner yet."""
    here, elsewhere = addresses()
    public = [origin for origin in settings.ORIGINS if origin.startswith("https://")]
    said = ["", f"  {settings.SITE_NAME} is ready. Open it in a browser:", f"    {here}/"]
    said += [f"    {address}/   (from your local network)" for address in elsewhere]
    said += [f"    {origin}/   (through your proxy)" for origin in public]
    if owner_path:
        said += [
            "",
            "  It has no owner yet. This link makes the owner's account; it works once:",
            f"    {public[0] if public else here}{owner_path}",
        ]
    return [*said, "", "  Press Ctrl-C to stop.", "", *warnings()]


def warnings() -> list[str]:
    """What the operator should know, once, and calmly."""
    said = []
    if "sqlite" in settings.DATABASES["default"]["ENGINE"] and not databases.sqlite_is_sound():
        sound = ".".join(map(str, databases.SOUND_SQLITE))
        said.append(
            f"  Note: this is SQLite {sqlite3.sqlite_version}; before {sound} it can, rarely, "
            "damage a database that\n  several programs write to. Keep backups, and open the "
            "database with nothing else meanwhile."
        )
    if settings.DEBUG and settings.HOST not in origins.LOOPBACK:
        said.append("  Note: DEBUG is on, and errors show the insides of the site to everyone.")
    return said


def _address(host: str) -> str:
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}" if settings.PORT == 80 else f"http://{host}:{settings.PORT}"
