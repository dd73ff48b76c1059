"""Whether PostgreSQL keeps what it was given, and has room for this site."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from chatsite.doctor.finding import Finding, worth_knowing, wrong

LEAST_VERSION = 14
"""What Django 5.2 asks for."""


def version_is_known() -> Iterator[Finding]:
    """Compare the server's version."""
    if connection.vendor != "postgresql":
        return
    version = int(_setting("server_version_num")) // 10_000
    if version < LEAST_VERSION:
        yield wrong(
            _("This is PostgreSQL %(version)s; the site needs %(least)s or newer.")
            % {"version": version, "least": LEAST_VERSION},
            _("Upgrade the database server."),
        )


def commits_are_durable() -> Iterator[Finding]:
    """Ask a connection, as the site opens it, how it commits."""
    if connection.vendor != "postgresql":
        return
    if _setting("synchronous_commit") == "off":
        yield wrong(
            _(
                "PostgreSQL says “done” before it is (synchronous_commit is off): acknowledged "
                "messages can be lost."
            ),
            _("Let nothing between the site and PostgreSQL change its settings."),
        )
    for name in ("fsync", "full_page_writes"):
        if _setting(name) == "off":
            yield wrong(
                _(
                    "PostgreSQL may lose or damage everything when its machine fails "
                    "(%(name)s is off)."
                )
                % {"name": name},
                _("Set %(name)s = on in postgresql.conf.") % {"name": name},
            )


def texts_are_unicode() -> Iterator[Finding]:
    """Ask in which encoding the database keeps texts."""
    if connection.vendor == "postgresql" and (found := _setting("server_encoding")) != "UTF8":
        yield wrong(
            _("The database keeps texts as %(encoding)s, which has no room for every script.")
            % {"encoding": found},
            _("Make a database with the encoding UTF8, and restore a backup into it."),
        )


def has_connections_left() -> Iterator[Finding]:
    """Compare what the server takes with what each process of the site may open."""
    if connection.vendor != "postgresql":
        return
    most = int(_setting("max_connections")) - int(_setting("superuser_reserved_connections"))
    each = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    says = {"most": most, "each": each, "count": most // each}
    if most < each:
        yield wrong(
            _(
                "PostgreSQL takes %(most)s connections, and one process of the site may open "
                "%(each)s."
            )
            % says,
            _("Raise max_connections in postgresql.conf, or lower DATABASE_THREADS."),
        )
    elif most < 2 * each and not settings.IN_PROCESS:
        yield worth_knowing(
            _("PostgreSQL takes %(most)s connections: enough for %(count)s process of the site.")
            % says,
            _("Raise max_connections in postgresql.conf before you start another."),
        )


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])
