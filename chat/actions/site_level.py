"""The raid switch: how far the whole site closes itself."""

from __future__ import annotations

from chat import errors, policy
from chat.actions import audit
from chat.announce import tell_site
from chat.database import writing
from chat.models import AuditEntry, Site
from chat.policy import Actor


def set_level(*, actor: Actor, level: str, reason: str = "") -> None:
    """Set the level of the site; every post is judged by it from the commit on.

    Raises ``SignInError, ForbiddenError, BadFieldError``.
    """
    user = policy.check_moderates_site(actor)
    if level not in Site.Level.values:
        raise errors.BadFieldError
    with writing():
        site, _made = Site.objects.select_for_update().get_or_create(pk=1)
        if site.level == level:
            return
        site.level = level
        site.save(update_fields=["level"])
        audit.record(actor=user, verb=AuditEntry.Verb.SET_LEVEL, reason=reason, details=level)
        tell_site()
