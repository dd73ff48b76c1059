"""How old the last backup is, as far as this data folder knows."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.utils.translation import gettext as _

from chatsite.doctor.finding import Finding, worth_knowing, wrong
from chatsite.keeping.making import last_backup_at

OLD_AFTER_S = 3 * 86_400


def one_was_made_lately() -> Iterator[Finding]:
    """Look when ``manage.py backup`` last made one from here."""
    made_at = last_backup_at()
    if made_at is None:
        yield worth_knowing(
            _("No backup was ever made from this data folder."),
            _("Let manage.py backup run each day, unless another machine or program does it."),
        )
    elif (age := time.time() - made_at) > OLD_AFTER_S:
        yield wrong(
            _("The last backup is %(days)s days old.") % {"days": round(age / 86_400)},
            _("Look why manage.py backup runs no longer."),
        )
