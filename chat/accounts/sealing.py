"""Secrets in the database are sealed: with the site's secret key they open, without they do not.

The key of the seal is derived from ``SECRET_KEY``. What a former key has sealed opens as
long as that key is among ``SECRET_KEY_FALLBACKS``.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"chat: second factors"


class UnopenableError(Exception):
    """No key of this site opens it: it was sealed under one that is gone, or was damaged."""


def seal(text: str) -> str:
    return _keys()[0].encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises ``UnopenableError``."""
    try:
        return MultiFernet(_keys()).decrypt(sealed).decode()
    except InvalidToken as error:
        raise UnopenableError from error


def renewed(sealed: str) -> str:
    """Return it as the present key seals it: itself, if that key has. Raises UnopenableError."""
    try:
        _keys()[0].decrypt(sealed)
    except InvalidToken:
        return seal(unseal(sealed))
    return sealed


def _keys() -> Sequence[Fernet]:
    """The present key's, then those of former keys."""
    return [_derived(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@lru_cache(maxsize=16)
def _derived(secret_key: str) -> Fernet:
    # The secret key is random itself, so that no slow hash has to stretch it.
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))
