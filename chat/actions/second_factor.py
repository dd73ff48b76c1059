"""Second factors: taken off an account whose owner lost theirs, and sealed with a new key."""

from __future__ import annotations

import logging
import uuid
from functools import partial

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from chat import policy
from chat.accounts import letters, sealing
from chat.actions import audit
from chat.actions.accounts import managed_person
from chat.announce import tell_person
from chat.database import writing
from chat.errors import ForbiddenError
from chat.models import AuditEntry, User
from chat.policy import Actor

logger = logging.getLogger(__name__)
_SEALED = ("secret", "seed")


def reset_second_factor(
    *, actor: Actor, user_id: int, reason: str = "", action_id: uuid.UUID | None = None
) -> None:
    """Take every second factor off somebody's account; their password alone lets them in again.

    Their sessions are over, and a letter tells them. Who looks after accounts may, though
    not with their own: to change that takes the factor itself. Raises ``SignInError,
    NotFoundError, ForbiddenError``.
    """
    me = policy.check_administers(actor)
    with writing():
        person = managed_person(me, user_id)
        if person.pk == me.pk:
            raise ForbiddenError(_("Your own second factor is changed from your profile."))
        removed, _by_kind = Authenticator.objects.filter(user=person).delete()
        if not removed:
            return
        generation = F("session_generation") + 1
        User.objects.filter(pk=person.pk).update(session_generation=generation)
        verb = AuditEntry.Verb.RESET_SECOND_FACTOR
        audit.record(actor=me, verb=verb, target=person, reason=reason, action_id=action_id)
        tell_person(person.pk)
        address = EmailAddress.objects.get_primary_email(person)
        if address:
            send = partial(letters.post, "mfa/email/reset", address, person.language, reason=reason)
            transaction.on_commit(send, robust=True)


def renew_seals() -> int:
    """Seal every secret with the present key, so that former keys can be taken away.

    Returns how many were sealed with another.
    """
    count = 0
    with writing():
        held = Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN)
        for factor in held.iterator():
            try:
                data = _renewed(factor.data)
            except sealing.UnopenableError:
                logger.warning("A second factor opens with none of the secret keys.")
                continue
            if data != factor.data:
                factor.data = data
                factor.save(update_fields=["data"])
                count += 1
    return count


def _renewed(data: dict[str, object]) -> dict[str, object]:
    return {
        name: sealing.renewed(str(value)) if name in _SEALED else value
        for name, value in data.items()
    }
