"""Who moderates the site and who looks after its accounts."""

from __future__ import annotations

import uuid

from chat import policy, ranks
from chat.actions import audit
from chat.actions.accounts import managed_person
from chat.actions.moderators_room import admit_moderator, dismiss_moderator
from chat.announce import tell_person
from chat.database import writing
from chat.errors import BadFieldError, ForbiddenError
from chat.models import AuditEntry, User
from chat.policy import Actor
from chat.ranks import Rank

GROUPS: dict[str, list[str]] = {
    "": [],
    "moderator": [ranks.MODERATORS],
    "administrator": [ranks.ADMINISTRATORS],
}
_RANKS = {"": Rank.PERSON, "moderator": Rank.MODERATOR, "administrator": Rank.ADMINISTRATOR}


def set_site_role(
    *,
    actor: Actor,
    user_id: int,
    site_role: str,
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> None:
    """Make somebody ``moderator`` or ``administrator`` of the site, or neither ("").

    One gives and takes only what is below oneself. Raises ``SignInError, NotFoundError,
    ForbiddenError, BadFieldError``.
    """
    if site_role not in GROUPS:
        raise BadFieldError
    user = policy.check_administers(actor)
    with writing():
        target = managed_person(user, user_id)
        mine = ranks.site_rank(user)
        if _RANKS[site_role] >= mine or ranks.site_rank(target) >= mine:
            raise ForbiddenError
        if ranks.site_rank(target) == _RANKS[site_role] and target.is_staff == bool(site_role):
            return
        _set(target, site_role)
        audit.record(
            actor=user,
            verb=AuditEntry.Verb.SET_SITE_ROLE,
            reason=reason,
            target=target,
            action_id=action_id,
            details=site_role or "none",
        )
        tell_person(target.pk)


def _set(target: User, site_role: str) -> None:
    # Their room first: rooms are locked before people are, everywhere.
    if site_role:
        admit_moderator(target)
    else:
        dismiss_moderator(target)
    target.is_staff = bool(site_role)
    target.save(update_fields=["is_staff"])
    target.groups.remove(
        *(ranks.site_group(name) for name in (ranks.MODERATORS, ranks.ADMINISTRATORS))
    )
    target.groups.add(*(ranks.site_group(name) for name in GROUPS[site_role]))
