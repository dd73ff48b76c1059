"""Whether the site has an owner, and whether the room log holds what it promises."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from chat.models import User
from chat.verifying import find_damage
from chatsite.doctor.finding import Finding, worth_knowing, wrong


def somebody_owns_it() -> Iterator[Finding]:
    """Look for an owner."""
    if not User.objects.filter(is_superuser=True, is_active=True).exists():
        yield worth_knowing(
            _("Nobody owns the site."),
            _("Start it, and open the link that it prints; or manage.py owner_link."),
        )


def room_log_is_sound() -> Iterator[Finding]:
    """Look at every room, as ``verify_rooms`` does. It reads the whole store."""
    for sentence in find_damage():
        yield wrong(
            sentence,
            _("Stop writing, keep a copy of the database as it is, and restore a backup."),
        )
