"""What the staff does to the accounts of others: makes them, names them, lets people back in."""

from __future__ import annotations

import uuid

from chat import names, policy
from chat.actions import audit
from chat.actions.accounts import managed_person
from chat.actions.credentials import check_password, new_person, refuse_taken_name
from chat.announce import tell_person
from chat.database import writing
from chat.errors import ForbiddenError
from chat.models import AuditEntry, User
from chat.policy import Actor


def check_owner(actor: Actor) -> User:
    """Return ``actor`` if they own the site. Raises ``SignInError, ForbiddenError``."""
    user = policy.check_signed_in(actor)
    if not user.is_superuser:
        raise ForbiddenError
    return user


def add_person(
    *,
    actor: Actor,
    display_name: str,
    password: str,
    email: str = "",
    language: str = "",
    hue: int | None = None,
    reason: str = "",
) -> User:
    """Make an account for somebody, whatever ``REGISTRATION`` says; owners of the site may.

    ``hue`` in degrees; None for the one that the name gives. Raises ``SignInError,
    ForbiddenError, BadNameError, NameTakenError, BadPasswordError``.
    """
    owner = check_owner(actor)
    person = new_person(
        display_name=display_name, password=password, email=email, language=language
    )
    if hue is not None:
        person.hue = hue % 360
    with refuse_taken_name(), writing():
        person.save()
        audit.record(actor=owner, verb=AuditEntry.Verb.ADD_PERSON, target=person, reason=reason)
    return person


def rename_person(
    *,
    actor: Actor,
    user_id: int,
    display_name: str,
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> None:
    """Give somebody another name, such as one that offends nobody.

    Raises ``SignInError, NotFoundError, ForbiddenError, BadNameError, NameTakenError``.
    """
    staff = policy.check_moderates_site(actor)
    name = names.clean_name(display_name)
    with refuse_taken_name(), writing():
        person = managed_person(staff, user_id)
        if person.display_name == name:
            return
        person.display_name = name
        person.save(update_fields=["display_name"])
        audit.record(
            actor=staff,
            verb=AuditEntry.Verb.RENAME_PERSON,
            target=person,
            reason=reason,
            action_id=action_id,
        )
        tell_person(person.pk)


def set_password(*, actor: Actor, user_id: int, password: str, reason: str = "") -> None:
    """Give somebody a new password; they are signed out everywhere with it.

    Only owners of the site may: who sets a password can sign in as that person. One's own
    is changed where the old one is asked for. Raises ``SignInError, NotFoundError,
    ForbiddenError, BadPasswordError``.
    """
    owner = check_owner(actor)
    person = managed_person(owner, user_id)
    if person.pk == owner.pk:
        raise ForbiddenError
    check_password(password, person)
    person.set_password(password)
    with writing():
        person.save(update_fields=["password"])
        audit.record(actor=owner, verb=AuditEntry.Verb.SET_PASSWORD, target=person, reason=reason)
        tell_person(person.pk)
