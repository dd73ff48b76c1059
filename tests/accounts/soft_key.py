"""A passkey in software, and how the tests set it up."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from chat.models import User
from tests.accounts.second_factors import opened

OVERVIEW, ADD = "/accounts/2fa/", "/accounts/2fa/webauthn/add/"
LOGIN, AGAIN = "/accounts/2fa/webauthn/login/", "/accounts/2fa/webauthn/reauthenticate/"
ORIGIN = "https://testserver"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
Answer = dict[str, Any]


@dataclass
class Key:
    """A passkey in software: it answers as a device does, also wrongly if it is told to."""

    origin: str = ORIGIN
    rp_id: str = "testserver"
    flags: int = PRESENT | VERIFIED
    id: bytes = b"a passkey of this test"
    handle: bytes = b""
    secret: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: Answer) -> Answer:
        """Answer ``navigator.credentials.create``."""
        wanted = options["publicKey"]
        self.handle = websafe_decode(wanted["user"]["id"])
        public = ES256.from_cryptography_key(self.secret.public_key())
        data = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        told = AuthenticatorData.create(self._rp, self.flags | ATTESTED, 0, data)
        return self._credential(
            clientDataJSON=self._client_data("webauthn.create", wanted["challenge"]),
            attestationObject=AttestationObject.create("none", told, {}),
        )

    def use(self, options: Answer) -> Answer:
        """Answer ``navigator.credentials.get``."""
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        told = AuthenticatorData.create(self._rp, self.flags, 0)
        signed = told + sha256(client_data).digest()
        return self._credential(
            clientDataJSON=client_data,
            authenticatorData=told,
            signature=self.secret.sign(signed, ec.ECDSA(SHA256())),
            userHandle=self.handle,
        )

    @property
    def _rp(self) -> bytes:
        return sha256(self.rp_id.encode()).digest()

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return CollectedClientData.create(kind, websafe_decode(challenge), self.origin)

    def _credential(self, **response: bytes) -> Answer:
        name = websafe_encode(self.id)
        parts = {part: websafe_encode(value) for part, value in response.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": parts}


def add(client: Client, key: Key, *, alone: bool = True, name: str = "Phone") -> Any:
    options = client.get(ADD).context["js_data"]["creation_options"]
    form = {"name": name, "credential": json.dumps(key.make(options))}
    return client.post(ADD, {**form, "alone": "on"} if alone else form)


def with_passkey(user: User, **wanted: Any) -> Key:
    key = Key()
    assert add(opened(user), key, **wanted).status_code == 302
    return key


def asked_to_sign_in(client: Client) -> Answer:
    answer: Answer = client.get(LOGIN, headers={"accept": "application/json"}).json()
    return dict(answer["request_options"])
