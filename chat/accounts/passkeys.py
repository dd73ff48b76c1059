"""What a browser hands over for a passkey, judged before anything believes it.

Only the parts that are used are read, and kept: https://www.w3.org/TR/webauthn-3/
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal, TypeVar

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.core import exceptions
from fido2.webauthn import AuthenticatorData
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from chat.models import User

MAX_CREDENTIAL_CHARS = 32_000
MAX_PASSKEYS = 20
Base64 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]*$")]
# The parsers below give up in as many ways as there are odd bytes.
_ODD = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError),
    *(RecursionError, TypeError, ValueError, struct.error, exceptions.ValidationError),
)


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, strict=True)


class _Credential(_Part):
    id: Base64
    raw_id: Base64
    type: Literal["public-key"]


class _CredProps(_Part):
    rk: bool | None = None


class _Extensions(_Part):
    cred_props: _CredProps | None = None


class _Attestation(_Part):
    client_data: Base64 = Field(alias="clientDataJSON")
    attestation_object: Base64


class _Assertion(_Part):
    client_data: Base64 = Field(alias="clientDataJSON")
    authenticator_data: Base64
    signature: Base64
    user_handle: Base64 | None = None


class Made(_Credential):
    """A new passkey."""

    response: _Attestation
    client_extension_results: _Extensions = _Extensions()


class Used(_Credential):
    """A passkey's answer to a challenge."""

    response: _Assertion


Kind = TypeVar("Kind", Made, Used)


def read(kind: type[Kind], text: str) -> Kind:
    """Raises a form's ``ValidationError`` for what is no passkey."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise get_adapter().validation_error("bad_passkey") from error


def complete_registration(made: Made) -> tuple[dict[str, Any], AuthenticatorData]:
    """Return what is to be kept of a new passkey, and what it says of its making.

    Raises a form's ``ValidationError`` unless it answers our challenge, to our page.
    """
    kept = made.model_dump(by_alias=True, exclude_none=True)
    with _refused_if_odd():
        _check_origin(auth.parse_registration_response(kept))
        return kept, auth.complete_registration(kept)


def complete_authentication(user: User, used: Used, *, by_itself: bool) -> Authenticator:
    """Return the passkey of ``user`` that answered our challenge, to our page.

    One that is to let in ``by_itself`` has to have asked for a finger, a face or a PIN.
    Raises a form's ``ValidationError``.
    """
    answer = used.model_dump(by_alias=True, exclude_none=True)
    with _refused_if_odd():
        response = auth.parse_authentication_response(answer)
        _check_origin(response)
        if by_itself and not response.response.authenticator_data.is_user_verified():
            raise ValueError("not verified")
        return auth.complete_authentication(user, answer)


def person_of(used: Used) -> User:
    """Return whom a passkey says it is of; its signature has yet to prove it."""
    with _refused_if_odd():
        person: User = auth.extract_user_from_response(used.model_dump(by_alias=True))
        return person


def _check_origin(response: Any) -> None:
    # fido2 would also take the word of a page on any host below ours.
    if response.response.client_data.origin not in settings.ORIGINS:
        raise ValueError("another origin")


@contextmanager
def _refused_if_odd() -> Iterator[None]:
    try:
        yield
    except _ODD as error:
        raise get_adapter().validation_error("bad_passkey") from error
