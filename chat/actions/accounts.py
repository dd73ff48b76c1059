"""Accounts: made, changed, switched off; and sessions, ended."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from chat import policy
from chat.actions import audit
from chat.actions.credentials import check_password, new_person, refuse_taken_name
from chat.actions.invitations import check_may_register, redeem_invitation
from chat.actions.profile import update_profile
from chat.announce import tell_person
from chat.database import writing
from chat.errors import ForbiddenError, NotFoundError
from chat.models import AuditEntry, User
from chat.ranks import site_rank

__all__ = [
    "change_password",
    "end_session",
    "end_sessions",
    "register",
    "set_active",
    "update_profile",
]


def register(
    *,
    actor: policy.Actor | None = None,
    display_name: str,
    password: str,
    email: str = "",
    language: str = "",
    time_zone: str = "",
    invitation: str = "",
) -> User:
    """Make an account for somebody who has none, as ``REGISTRATION`` allows.

    ``actor`` is whoever asks, and is nobody yet. Raises ``BadNameError,
    NameTakenError, BadPasswordError, RegistrationClosedError, BadInvitationError``.
    """
    check_may_register(invitation)
    user = new_person(
        display_name=display_name,
        password=password,
        email=email,
        language=language,
        time_zone=time_zone,
    )
    with refuse_taken_name(), writing():
        if settings.REGISTRATION == "invitation":
            redeem_invitation(token=invitation)
        user.save()
    return user


def change_password(*, actor: User, password: str) -> None:
    """Give ``actor`` a new password; their sessions elsewhere are over with it.

    Raises BadPasswordError.
    """
    check_password(password, actor)
    actor.set_password(password)
    with writing():
        actor.save(update_fields=["password"])
        tell_person(actor.pk)


def end_session(*, actor: User) -> None:
    """One session of ``actor`` was signed out: its sockets are to be closed."""
    tell_person(actor.pk)


def end_sessions(
    *, actor: User, user: User, reason: str = "", action_id: uuid.UUID | None = None
) -> None:
    """Sign ``user`` out everywhere: by themselves, or by the staff (audited).

    Raises ForbiddenError.
    """
    if actor.pk != user.pk:
        check_may_manage(actor, user)
    with writing():
        generation = F("session_generation") + 1
        User.objects.filter(pk=user.pk).update(session_generation=generation)
        if actor.pk != user.pk:
            audit.record(
                actor=actor,
                verb=AuditEntry.Verb.END_SESSIONS,
                target=user,
                reason=reason,
                action_id=action_id,
            )
        tell_person(user.pk)


def set_active(
    *, actor: User, user_id: int, active: bool, reason: str = "", action_id: uuid.UUID | None = None
) -> None:
    """Switch an account off or on again. What it wrote stays.

    Raises ``NotFoundError, ForbiddenError``. The last owner of the site cannot be
    switched off, since nobody could switch them on again.
    """
    verb = AuditEntry.Verb.ACTIVATE if active else AuditEntry.Verb.DEACTIVATE
    with writing():
        user = managed_person(actor, user_id)
        if user.is_active == active:
            return
        if user.pk == actor.pk:
            raise ForbiddenError(_("You cannot switch your own account off here."))
        User.objects.filter(pk=user_id).update(is_active=active)
        audit.record(actor=actor, verb=verb, target=user, reason=reason, action_id=action_id)
        tell_person(user_id)


def managed_person(actor: User, user_id: int) -> User:
    """Return somebody's account if ``actor`` may manage it.

    Raises ``SignInError, NotFoundError, ForbiddenError``.
    """
    policy.check_moderates_site(actor)
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFoundError
    check_may_manage(actor, user)
    return user


def check_may_manage(actor: User, user: User) -> None:
    """Who moderates the site manages the accounts of those below; owners all of them."""
    policy.check_moderates_site(actor)
    if site_rank(user) >= site_rank(actor) and not actor.is_superuser:
        raise ForbiddenError
