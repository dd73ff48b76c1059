"""What ``/readyz`` says of a server while something is wrong with its world."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

PATIENCE_S = 10.0


@dataclass(frozen=True)
class Readiness:
    """An answer to ``/readyz``."""

    status: int
    """Of HTTP; 0 where there was no answer."""
    text: str

    @property
    def is_degraded(self) -> bool:
        """It serves, and says that something is missing."""
        return self.status == 200 and "degraded" in self.text

    @property
    def is_dead(self) -> bool:
        """It says that it cannot serve."""
        return self.status == 503

    def __str__(self) -> str:
        return f"{self.status} {' '.join(self.text.split())[:300]}"


async def readiness(address: str) -> Readiness:
    """Ask one server, past any proxy."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as client:
            answer = await client.get(f"{address}/readyz")
    except httpx.HTTPError as error:
        return Readiness(0, type(error).__name__)
    return Readiness(answer.status_code, answer.text)
