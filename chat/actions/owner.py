"""The first run: a one-time link that makes the owner's account, and a first room."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from chat.actions.credentials import new_person, refuse_taken_name
from chat.actions.invitations import hash_token
from chat.actions.messages import post_message
from chat.actions.rooms import create_room
from chat.database import writing
from chat.errors import OwnerLinkError
from chat.models import Store, User

TOKEN_BYTES = 24
STORE = 1
"""The one row of Store."""


def has_owner() -> bool:
    """Whether anybody owns this site. Until then nothing else can be done with it."""
    return User.objects.filter(is_superuser=True, is_active=True).exists()


def offer_owner_link() -> str | None:
    """Return the path of a new one-time link; the one before it is void.

    None once the site has an owner. Only the token's hash is kept.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with writing():
        if has_owner():
            return None
        Store.objects.update_or_create(
            pk=STORE,
            defaults={"owner_link_hash": hash_token(token)},
            create_defaults={"epoch": secrets.token_hex(8), "owner_link_hash": hash_token(token)},
        )
    return reverse("chat:owner", args=[token])


def check_owner_link(token: str) -> None:
    """Raises OwnerLinkError unless ``token`` could make the owner's account now."""
    if has_owner() or not Store.objects.filter(owner_link_hash=hash_token(token)).exists():
        raise OwnerLinkError


def claim_ownership(
    *, token: str, display_name: str, password: str, email: str = "", language: str = ""
) -> User:
    """Make the owner's account and the first room; the link is used up.

    Of two that claim at the same time one gets ``OwnerLinkError``: the UPDATE that
    empties the hash finds it once. Raises that, ``BadNameError, NameTakenError`` and
    ``BadPasswordError``; after these the link can be used again.
    """
    check_owner_link(token)
    owner = new_person(display_name=display_name, password=password, email=email, language=language)
    owner.is_staff = owner.is_superuser = True
    with refuse_taken_name(), writing():
        if not Store.objects.filter(owner_link_hash=hash_token(token)).update(owner_link_hash=""):
            raise OwnerLinkError
        owner.save()
    _open_the_doors(owner)
    return owner


def _open_the_doors(owner: User) -> None:
    """Make the first room, with a message that says what to do next."""
    room = create_room(
        actor=owner,
        name=_("Lobby"),
        topic=_("Where everybody meets first."),
    )
    post_message(
        actor=owner, room_id=room.pk, nonce=f"welcome-{secrets.token_hex(8)}", body=_welcome()
    )


def _welcome() -> str:
    lines = [
        _("Welcome! This is the first room of %(site)s.") % {"site": settings.SITE_NAME},
        _("Say something below: Enter sends, Shift+Enter starts a new line."),
        _("Make more rooms with the plus sign at the top of the list."),
        _how_people_come(),
        _("Your name below the list leads to your profile: colour, picture, language."),
        _("You run this site: /admin/ has its people, rooms and messages."),
    ]
    return "\n".join([lines[0], "", *(f"• {line}" for line in lines[1:])])


def _how_people_come() -> str:
    if settings.REGISTRATION == "open":
        return _("Invite people by giving them this site's address: everybody may sign up.")
    return _("People sign up by invitation: make links for them at /invitations/.")
