"""What one client did, was told and saw, and when: what the checker judges.

Times are seconds of ``time.monotonic``, so histories of one process can be compared.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple


class Cursor(NamedTuple):
    """Where a view stood, and since when."""

    epoch: str
    revision: int
    at: float = 0.0


class Parting(NamedTuple):
    """How a line ended."""

    at: float
    code: int | None
    """The close code; None where the line was simply gone."""
    retry_after: float | None
    """What the server said before it closed, where it did."""


class PutOff(NamedTuple):
    """A post that was answered with: not now."""

    at: float
    code: str
    waited: float
    """Seconds until that answer."""
    retry_after: float | None


@dataclass
class History:
    """What one client did and saw, in its own order."""

    name: str
    invoked: dict[str, str] = field(default_factory=dict)
    """Body by nonce, of every post that was ever sent."""
    invoked_at: dict[str, float] = field(default_factory=dict)
    acknowledged: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Seq and revision by nonce."""
    acknowledged_in: dict[str, str] = field(default_factory=dict)
    """Epoch by nonce: a store that goes back in time forgets what an older one acknowledged."""
    answered_at: dict[str, float] = field(default_factory=dict)
    """When it was acknowledged, held or refused, by nonce."""
    held: dict[str, int] = field(default_factory=dict)
    """The held post by nonce: taken, but no message unless a moderator approves it."""
    refused: dict[str, str] = field(default_factory=dict)
    """Code by nonce."""
    put_off: list[PutOff] = field(default_factory=list)
    """Each time that a post was refused for now, and went back into the outbox."""
    shown_at: dict[str, float] = field(default_factory=dict)
    """When a message was first in the view, by nonce."""
    attempts: int = 0
    connections: int = 0
    resumed_at: list[float] = field(default_factory=list)
    """When the room was answered for, after each time of connecting."""
    turned_away: list[str] = field(default_factory=list)
    """Codes with which the room was refused for good."""
    partings: list[Parting] = field(default_factory=list)
    resets: int = 0
    cursors: list[Cursor] = field(default_factory=list)
    """Each place where the view stood."""
    contradictions: list[str] = field(default_factory=list)
    """What was seen on the way that must never be."""
    seen: list[dict[str, Any]] = field(default_factory=list)
    """The messages of the final view, as a page shows them."""

    def invoke(self, nonce: str, body: str) -> None:
        """A post is said."""
        self.invoked[nonce] = body
        self.invoked_at[nonce] = time.monotonic()

    def acknowledge(self, nonce: str, place: tuple[int, int], epoch: str) -> None:
        """A post is stored, the server says."""
        self.acknowledged[nonce] = place
        self.acknowledged_in[nonce] = epoch
        self.answered_at[nonce] = time.monotonic()

    def hold(self, nonce: str, held: int) -> None:
        """A post waits for a moderator, the server says."""
        self.held[nonce] = held
        self.answered_at[nonce] = time.monotonic()

    def refuse(self, nonce: str, code: str) -> None:
        """A post is refused, the server says."""
        self.refused[nonce] = code
        self.answered_at[nonce] = time.monotonic()

    def put_back(self, answer: dict[str, Any], asked_at: float) -> None:
        """A post cannot be stored now, the server says."""
        now = time.monotonic()
        put_off = PutOff(now, answer["code"], now - asked_at, answer.get("retry_after"))
        self.put_off.append(put_off)

    @property
    def unknown(self) -> set[str]:
        """Nonces of posts of which nobody knows whether they are stored."""
        return self.invoked.keys() - self.answered_at.keys() - self.acknowledged.keys()

    def resumed_after(self, since: float) -> list[float]:
        """When the room was answered for since then."""
        return [at for at in self.resumed_at if at > since]

    def as_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        return asdict(self)
