"""Whether letters reach anybody."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from chatsite.doctor.finding import Finding, wrong

_SENT_NOWHERE = ("console", "dummy", "locmem", "filebased")


def letters_are_sent() -> Iterator[Finding]:
    """Look where letters go on a public site, where people forget passwords."""
    backend = settings.EMAIL_BACKEND.split(".")[-2]
    if settings.SESSION_COOKIE_SECURE and backend in _SENT_NOWHERE:
        yield wrong(
            _("The site is public, but sends no letters: who forgets a password is locked out."),
            _("Set EMAIL_URL to your mail server, and EMAIL_FROM to the sender."),
        )


def sender_is_somebody() -> Iterator[Finding]:
    """Look whether mail servers would take letters from the sender."""
    sender = settings.DEFAULT_FROM_EMAIL.rstrip(">")
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") and sender.endswith("@localhost"):
        yield wrong(
            _("Letters come from %(sender)s, which other mail servers refuse.")
            % {"sender": settings.DEFAULT_FROM_EMAIL},
            _("Set EMAIL_FROM to an address of your own domain."),
        )
