"""The doctor's visit: everything that is looked at, in the order in which it matters."""

from __future__ import annotations

from collections.abc import Iterator

from chatsite.doctor import (
    backups,
    clocks,
    database,
    django_checks,
    files,
    limits,
    mail,
    postgresql,
    reaching,
    redis_servers,
    sqlite,
    store,
)
from chatsite.doctor.finding import Finding, Look

AROUND: tuple[Look, ...] = (
    files.data_folder_is_private,
    files.secret_key_is_private,
    files.disk_has_room,
    files.static_files_are_prepared,
    backups.one_was_made_lately,
    reaching.https_is_known,
    reaching.names_can_open_sockets,
    reaching.proxies_are_counted,
    reaching.server_is_behind_its_proxy,
    redis_servers.can_be_used,
    redis_servers.bells_are_heard,
    clocks.redis_agrees,
    limits.files_may_be_open,
    mail.letters_are_sent,
    mail.sender_is_somebody,
    django_checks.checks_pass,
)
"""What needs no database."""
IN_THE_DATABASE: tuple[Look, ...] = (
    postgresql.version_is_known,
    postgresql.commits_are_durable,
    postgresql.texts_are_unicode,
    postgresql.has_connections_left,
    sqlite.commits_are_durable,
    sqlite.version_is_sound,
    clocks.database_agrees,
)
IN_THE_TABLES: tuple[Look, ...] = (store.somebody_owns_it,)
DEEP: tuple[Look, ...] = (store.room_log_is_sound,)


def visit(*, deep: bool) -> Iterator[Finding]:
    """Look at everything that can be looked at as things are; ``deep`` reads every room."""
    unreachable = list(database.can_be_reached())
    yield from unreachable
    if not unreachable:
        for look in IN_THE_DATABASE:
            yield from look()
        behind = list(database.migrations_are_current())
        yield from behind
        if not any(finding.is_wrong for finding in behind):
            for look in (*IN_THE_TABLES, *(DEEP if deep else ())):
                yield from look()
    for look in AROUND:
        yield from look()
