"""Who is measured: the project, and its opponent. Both are driven through ``Side``."""

from __future__ import annotations

from typing import Any, Protocol

from benchmarks.client import Socket
from benchmarks.ledger import Ledger
from benchmarks.server import Server


class Side(Protocol):
    """What a load needs to know of whom it loads."""

    name: str
    server: Server

    async def connect(self, ledger: Ledger, number: int, **how: Any) -> Socket:
        """Open the socket of person ``number``, in the room and ready."""

    def post(self, socket: Socket, body: str) -> None:
        """Say ``body``; do not wait."""

    def is_answer(self, frame: dict[str, Any]) -> bool:
        """Whether the frame says that a post is stored. Raises ``RefusedError`` if it was not."""

    def read_stamps(self, frame: bytes) -> tuple[int, ...] | None:
        """Return the moments that the messages of a live frame carry; None for other frames."""
