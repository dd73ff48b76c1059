"""The client that loses nothing, in Python: outbox, nonces, cursor, retries.

It is what the page does, without a page: it can be pointed at any site to see whether the
site keeps its word, and it writes down a history for ``tests/faults/checker.py``.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from chat.protocol import SUBPROTOCOL
from tests.mirror import Mirror

FIRST_RETRY_S = 0.1
LAST_RETRY_S = 1.0
ANSWER_S = 5.0
SILENCE_S = 75.0
"""Three pings missed: the line is dead."""
RETRYABLE = {"busy", "throttled", "internal"}
BROKEN = (OSError, WebSocketException, InvalidHandshake, TimeoutError)


@dataclass
class History:
    """What one client did and saw, in its own order."""

    name: str
    invoked: dict[str, str] = field(default_factory=dict)
    """Body by nonce, of every post that was ever sent."""
    acknowledged: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Seq and revision by nonce."""
    held: dict[str, int] = field(default_factory=dict)
    """The held post by nonce: taken, but no message unless a moderator approves it."""
    refused: dict[str, str] = field(default_factory=dict)
    """Code by nonce."""
    attempts: int = 0
    connections: int = 0
    cursors: list[tuple[str, int]] = field(default_factory=list)
    """Epoch and revision, each time the view moved on."""
    contradictions: list[str] = field(default_factory=list)
    """What was seen on the way that must never be."""
    seen: list[dict[str, Any]] = field(default_factory=list)
    """The messages of the final view, as a page shows them."""


class ReferenceClient:
    """Follows one room of a site and posts what is put into its outbox, exactly once."""

    def __init__(self, url: str, origin: str, session: str, room: int, name: str) -> None:
        self._url = url
        self._origin = origin
        self._session = session
        self._room = room
        self._mirror = Mirror(room)
        self._epoch = ""
        self._outbox: deque[tuple[str, str]] = deque()
        self._has_post = asyncio.Event()
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._ids = itertools.count(1)
        self._running: asyncio.Task[None] | None = None
        self._hint = 0.0
        self.history = History(name)

    # --- For whoever uses it -----------------------------------------------------------

    def start(self) -> None:
        """Connect, and stay connected until ``stop``."""
        self._running = asyncio.create_task(self._run())

    def post(self, body: str) -> None:
        """Put a post into the outbox."""
        nonce = secrets.token_urlsafe(12)
        self.history.invoked[nonce] = body
        self._outbox.append((nonce, body))
        self._has_post.set()

    @property
    def has_sent_everything(self) -> bool:
        """Whether each post was acknowledged or refused."""
        return not self._outbox

    @property
    def revision(self) -> int:
        """Where the view stands."""
        return self._mirror.revision

    async def stop(self) -> History:
        """Disconnect, and return what happened."""
        assert self._running is not None
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        self.history.seen = self._mirror.in_order()
        return self.history

    # --- Staying connected ---------------------------------------------------------------

    async def _run(self) -> None:
        tries = 0
        while True:
            try:
                async with connect(
                    self._url,
                    origin=self._origin,
                    subprotocols=[SUBPROTOCOL],
                    additional_headers={"Cookie": f"sessionid={self._session}"},
                    compression=None,
                    proxy=None,
                    max_size=None,
                    open_timeout=ANSWER_S,
                    ping_interval=None,
                ) as connection:
                    self.history.connections += 1
                    tries = 0
                    await self._live(connection)
            except BROKEN:
                pass
            # Full jitter (Brooker, "Exponential Backoff And Jitter", 2015), or as hinted.
            limit = min(LAST_RETRY_S, FIRST_RETRY_S * 2**tries)
            tries += 1
            hint, self._hint = self._hint, 0.0
            await asyncio.sleep(hint or random.uniform(0, limit))

    async def _live(self, connection: ClientConnection) -> None:
        sending: asyncio.Task[None] | None = None
        try:
            while True:
                async with asyncio.timeout(SILENCE_S):
                    frame = orjson.loads(await connection.recv())
                if frame["type"] == "welcome":
                    self._greet(frame)
                    await self._subscribe(connection)
                    sending = asyncio.create_task(self._send_outbox(connection))
                elif await self._take(connection, frame):
                    await self._subscribe(connection)
        finally:
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            for answer in self._answers.values():
                answer.cancel()
            self._answers.clear()

    def _greet(self, welcome: dict[str, Any]) -> None:
        if welcome["epoch"] != self._epoch:
            self._epoch = welcome["epoch"]
            self._mirror = Mirror(self._room)

    async def _subscribe(self, connection: ClientConnection) -> None:
        cursor = f"{self._epoch}:{self._mirror.revision}" if self._mirror.revision >= 0 else None
        await self._send(connection, type="subscribe", room=self._room, cursor=cursor)

    async def _send(self, connection: ClientConnection, **command: Any) -> int:
        command_id = next(self._ids)
        await connection.send(orjson.dumps({"id": command_id, **command}).decode())
        return command_id

    async def _take(self, connection: ClientConnection, frame: dict[str, Any]) -> bool:
        """Take a frame in; True where something is missing."""
        waiting = self._answers.pop(frame.get("id") or 0, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)
            return False
        if frame["type"] == "ping":
            return bool(frame["heads"].get(str(self._room), 0) > self._mirror.revision)
        if frame["type"] == "notice":
            self._hint = frame.get("retry_after") or 0.0
        before = self._mirror.revision
        is_missing = self._mirror.apply(frame)
        self._note(before, frame)
        return is_missing

    def _note(self, before: int, frame: dict[str, Any]) -> None:
        now = self._mirror.revision
        if now < before:
            self.history.contradictions.append(f"the cursor went from {before} back to {now}")
        if now != before:
            self.history.cursors.append((self._epoch, now))
        places = [message["seq"] for message in self._mirror.messages.values()]
        if len(set(places)) != len(places):
            self.history.contradictions.append(f"two messages at one place after {frame}")

    # --- The outbox -------------------------------------------------------------------------

    async def _send_outbox(self, connection: ClientConnection) -> None:
        """Send what waits, one at a time and in order, until each is answered."""
        while True:
            while not self._outbox:
                self._has_post.clear()
                await self._has_post.wait()
            nonce, body = self._outbox[0]
            answer = await self._ask_to_post(connection, nonce, body)
            if answer["type"] == "ok":
                self._answered(nonce, answer)
            elif answer["code"] in RETRYABLE:
                await asyncio.sleep(answer.get("retry_after") or FIRST_RETRY_S)
                continue
            else:
                self.history.refused[nonce] = answer["code"]
            self._outbox.popleft()

    def _answered(self, nonce: str, answer: dict[str, Any]) -> None:
        if answer.get("held"):
            self.history.held[nonce] = answer["held"]["id"]
        else:
            mark = answer["message"]
            self.history.acknowledged[nonce] = (mark["seq"], mark["revision"])

    async def _ask_to_post(
        self, connection: ClientConnection, nonce: str, body: str
    ) -> dict[str, Any]:
        self.history.attempts += 1
        command_id = next(self._ids)
        answer = self._answers[command_id] = asyncio.get_running_loop().create_future()
        command = {"type": "post", "id": command_id, "room": self._room}
        await connection.send(orjson.dumps({**command, "nonce": nonce, "body": body}).decode())
        try:
            async with asyncio.timeout(ANSWER_S + 5):
                return await answer
        except TimeoutError:
            # Unknown, and therefore asked again under the same nonce, on a new line.
            await connection.close()
            raise
