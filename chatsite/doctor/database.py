"""Whether the database can be reached, and has the tables that this code wants."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError
from django.utils.translation import gettext as _

from chatsite import schema
from chatsite.doctor.finding import Finding, worth_knowing, wrong
from chatsite.watching.migrations import look


def can_be_reached() -> Iterator[Finding]:
    """Open one connection, and say why it cannot be had."""
    try:
        schema.reach()
    except DatabaseError as error:
        reason = " ".join(str(error).split()).rstrip(".?")
        yield wrong(
            _("The database cannot be reached: %(reason)s.") % {"reason": reason},
            _("Start it, or correct DATABASE_URL."),
        )


def migrations_are_current() -> Iterator[Finding]:
    """Compare the database's migrations with those of this code."""
    found = look()
    if found.missing:
        yield wrong(
            _("The database lacks %(count)s migrations that this code needs.")
            % {"count": found.missing},
            _("Run manage.py serve --prepare-only, once, while the site runs on."),
        )
    elif found.ahead:
        yield worth_knowing(
            _("The database has %(count)s migrations that this code does not know.")
            % {"count": found.ahead},
            _("A newer version of the site made them. Bring this one up to date, too."),
        )
