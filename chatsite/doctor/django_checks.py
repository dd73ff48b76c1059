"""What Django's own ``check --deploy``, and our additions to it, say."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core import checks
from django.utils.translation import gettext as _

from chatsite.doctor.finding import Finding, worth_knowing, wrong

TOLD_BY_OTHERS = frozenset({"chatsite.W004", "chatsite.W005"})
"""The doctor looks at these itself, and says more."""
OF_PLAIN_LINES = frozenset({f"security.W{number:03}" for number in (4, 8, 12, 16)})
"""One sentence each for what is one fact: that the site speaks plain HTTP."""


def checks_pass() -> Iterator[Finding]:
    """Run them all. Errors have to be mended; warnings are for public sites."""
    told = TOLD_BY_OTHERS | (frozenset() if settings.SESSION_COOKIE_SECURE else OF_PLAIN_LINES)
    for message in checks.run_checks(include_deployment_checks=True):
        if message.is_silenced() or message.id in told:
            continue
        found = wrong if message.level >= checks.ERROR else worth_knowing
        remedy = message.hint or _("See Django's documentation of “check --deploy”.")
        yield found(f"{' '.join(str(message.msg).split())} ({message.id})", remedy)
