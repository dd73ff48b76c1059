"""Invitations: links that let somebody sign up, shown once and kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from chat import policy
from chat.database import writing
from chat.errors import BadInvitationError, RegistrationClosedError
from chat.models import Invitation

TOKEN_BYTES = 24
DEFAULT_DAYS = 7
MAX_DAYS = 90
MAX_USES = 1_000


def hash_token(token: str) -> str:
    """What is kept of a token. It has 192 random bits, so that a plain SHA-256 does."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def create_invitation(
    *, actor: policy.Actor, uses: int = 1, days: int = DEFAULT_DAYS, note: str = ""
) -> tuple[Invitation, str]:
    """Return a new invitation and its token, which is nowhere else and never again.

    ``uses`` and ``days`` are brought within 1 to ``MAX_USES`` and ``MAX_DAYS``.
    Raises ``SignInError, ForbiddenError``: only the staff of the site invites.
    """
    staff = policy.check_moderates_site(actor)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with writing():
        invitation = Invitation.objects.create(
            token_hash=hash_token(token),
            note=note[:200],
            uses_left=min(max(uses, 1), MAX_USES),
            expires_at=timezone.now() + timedelta(days=min(max(days, 1), MAX_DAYS)),
            created_by=staff,
        )
    return invitation, token


def usable_invitations(*, actor: policy.Actor) -> QuerySet[Invitation]:
    """Return those that can still let somebody in, the newest first.

    Raises ``SignInError, ForbiddenError``.
    """
    policy.check_moderates_site(actor)
    return (
        Invitation.objects.filter(uses_left__gt=0, expires_at__gt=timezone.now())
        .select_related("created_by")
        .order_by("-id")
    )


def revoke_invitation(*, actor: policy.Actor, invitation_id: int) -> None:
    """Let nobody else in by this invitation. Raises ``SignInError, ForbiddenError``."""
    policy.check_moderates_site(actor)
    with writing():
        Invitation.objects.filter(pk=invitation_id).update(uses_left=0)


def check_may_register(token: str) -> None:
    """Judge whether somebody who holds ``token`` ("" for none) may sign up now.

    Raises ``RegistrationClosedError, BadInvitationError``. Takes no use.
    """
    if settings.REGISTRATION == "closed":
        raise RegistrationClosedError
    if settings.REGISTRATION == "invitation" and not _usable(token).exists():
        raise BadInvitationError if token else RegistrationClosedError


def redeem_invitation(*, token: str) -> None:
    """Take one use of an invitation; raises BadInvitationError if none is left.

    One conditional UPDATE, so that of two people who redeem the last use at the
    same time only one gets it. Call it in the transaction that makes the account:
    if that fails, the use is not spent.
    """
    if not _usable(token).update(uses_left=F("uses_left") - 1):
        raise BadInvitationError


def _usable(token: str) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        token_hash=hash_token(token), uses_left__gt=0, expires_at__gt=timezone.now()
    )
