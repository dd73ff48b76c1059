"""What an account is made of: a name and a password, judged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from chat import avatars, names
from chat.errors import BadPasswordError, NameTakenError
from chat.models import User


def new_person(*, display_name: str, password: str, **fields: Any) -> User:
    """Return an account that is not saved yet: name and password judged, password hashed.

    Hashing is slow on purpose, so it is done here, before the store is taken.
    """
    name = names.clean_name(display_name)
    user = User(display_name=name, hue=avatars.hue_of(name), **fields)
    user.email = User.objects.normalize_email(user.email).lower()
    check_password(password, user)
    user.set_password(password)
    return user


def check_password(password: str, user: User) -> None:
    """Raises BadPasswordError, with the sentences of all validators that refuse it."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadPasswordError(" ".join(error.messages)) from error


@contextmanager
def refuse_taken_name() -> Iterator[None]:
    """The unique constraint decides who was first; the other gets NameTakenError."""
    try:
        yield
    except IntegrityError as error:
        raise NameTakenError from error


def check_name_free(name: str, *, but: User | None = None) -> None:
    """Raises NameTakenError if somebody else is called so, or looks so. A courtesy:
    between this and the save somebody may be faster, and then the store refuses."""
    others = User.objects.filter(name_skeleton=names.skeleton(name))
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        raise NameTakenError
