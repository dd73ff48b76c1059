"""What an archive says of itself: from which store, from when, and what is in it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chatsite.keeping.refusal import KeepingError

NAME = "manifest.json"
FORMAT = 1
MOST_BYTES = 64 * 1024 * 1024
"""A manifest of some hundred thousand pictures."""


@dataclass(frozen=True)
class Member:
    """One file of the archive."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Store:
    """The database as the backup found it."""

    engine: str
    """``sqlite`` or ``postgresql``."""
    server_version: str
    epoch: str
    migrations: list[str]
    """Those that were applied, as ``app.name``."""
    counts: dict[str, int]


@dataclass(frozen=True)
class Manifest:
    """The last member of an archive; an archive without it was cut off."""

    made_at: str
    store: Store
    key: str
    """A fingerprint of the secret key that seals what is sealed in the database."""
    members: list[Member]
    format: int = FORMAT

    def text(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode() + b"\n"


def made_now(store: Store, secret_key: str, members: Sequence[Member]) -> Manifest:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Manifest(at, store, fingerprint(secret_key), list(members))


def read(text: bytes) -> Manifest:
    """Raises ``KeepingError`` for what this version cannot read."""
    try:
        said: dict[str, Any] = json.loads(text)
        if said["format"] != FORMAT:
            raise KeepingError(
                f"The archive has format {said['format']}, and this version reads format {FORMAT}."
            )
        members = [
            Member(str(m["name"]), int(m["size"]), str(m["sha256"])) for m in said["members"]
        ]
        return Manifest(str(said["made_at"]), Store(**said["store"]), str(said["key"]), members)
    except (ValueError, KeyError, TypeError) as error:
        raise KeepingError("The archive’s manifest cannot be read; it was damaged.") from error


def fingerprint(secret_key: str) -> str:
    """Tells two keys apart and says nothing of either: they are long and random."""
    derived = HKDF(algorithm=SHA256(), length=12, salt=None, info=b"chat: which key")
    return base64.urlsafe_b64encode(derived.derive(secret_key.encode())).decode()
