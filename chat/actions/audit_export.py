"""Take the audit out of the site: that, too, is in the audit."""

from __future__ import annotations

from chat import policy
from chat.actions import audit
from chat.database import writing
from chat.models import AuditEntry
from chat.policy import Actor


def export_audit(*, actor: Actor, details: str = "") -> AuditEntry:
    """Write down that the audit is exported; ``details`` say what of it was asked for.

    Return the entry: what is older than it may be read out. Raises ``SignInError,
    ForbiddenError``.
    """
    user = policy.check_moderates_site(actor)
    with writing():
        return audit.record(actor=user, verb=AuditEntry.Verb.EXPORT_AUDIT, details=details)
