"""A person's own profile: name, colour, picture, language, time zone."""

from __future__ import annotations

import zoneinfo
from functools import cache
from typing import IO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chat import names, pictures
from chat.actions.credentials import refuse_taken_name
from chat.database import writing
from chat.errors import BadFieldError
from chat.models import User


def update_profile(
    *,
    actor: User,
    display_name: str | None = None,
    hue: int | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    picture: IO[bytes] | None = None,
    remove_picture: bool = False,
) -> User:
    """Change what is given of the actor's own profile, all or nothing.

    ``hue`` in degrees; ``language`` and ``time_zone`` "" for the browser's own.
    Raises ``BadNameError, NameTakenError, BadFieldError, BadPictureError``.
    """
    fresh = User.objects.get(pk=actor.pk)
    if display_name is not None:
        fresh.display_name = names.clean_name(display_name)
    if hue is not None:
        fresh.hue = _checked_hue(hue)
    if language is not None:
        fresh.language = _checked_language(language)
    if time_zone is not None:
        fresh.time_zone = _checked_time_zone(time_zone)
    made = pictures.make_picture(picture) if picture is not None else None
    _save(fresh, made, remove_picture=remove_picture)
    return fresh


def _save(user: User, made: bytes | None, *, remove_picture: bool) -> None:
    """Write the row and then drop the old file; a refused row leaves no new file."""
    old = user.picture.name
    replaced = made is not None or remove_picture
    if made is not None:
        user.picture.save(pictures.random_name(), ContentFile(made), save=False)
    elif remove_picture:
        user.picture = ""
    written = False
    try:
        with refuse_taken_name(), writing():
            user.save(update_fields=["display_name", "hue", "language", "time_zone", "picture"])
            if old and replaced:
                transaction.on_commit(lambda: default_storage.delete(old), robust=True)
        written = True
    finally:
        if made is not None and not written and user.picture.name:
            default_storage.delete(user.picture.name)


@cache
def time_zones() -> tuple[str, ...]:
    """The names of the IANA database that people choose from: Area/City, and UTC."""
    every = zoneinfo.available_timezones()
    places = (name for name in every if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return ("UTC", *sorted(places))


def _checked_hue(hue: int) -> int:
    if not 0 <= hue < 360:
        raise BadFieldError(_("A colour is a number of degrees from 0 to 359."))
    return hue


def _checked_language(language: str) -> str:
    if language and language not in dict(settings.LANGUAGES):
        raise BadFieldError(_("This site does not speak that language yet."))
    return language


def _checked_time_zone(time_zone: str) -> str:
    if time_zone and time_zone not in time_zones():
        raise BadFieldError(_("There is no time zone of that name."))
    return time_zone
