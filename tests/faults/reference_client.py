"""The client that loses nothing, in Python: outbox, nonces, cursor, retries.

It is what the page does, without a page: it can be pointed at any site to see whether the
site keeps its word, and it writes down a history for ``tests/faults/checker.py``.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
import ssl
import time
from collections import deque
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from chat.protocol import SUBPROTOCOL
from tests.faults.history import History, Parting
from tests.faults.views import WatchedView

FIRST_RETRY_S = 0.1
LAST_RETRY_S = 1.0
ANSWER_S = 5.0
SILENCE_S = 75.0
"""Three pings missed: the line is dead."""
RETRYABLE = {"busy", "throttled", "internal"}
BROKEN = (OSError, WebSocketException, InvalidHandshake, TimeoutError)


class ReferenceClient:
    """Follows one room of a site and posts what is put into its outbox, exactly once."""

    def __init__(
        self,
        url: str,
        origin: str,
        session: str,
        room: int,
        name: str,
        trust: ssl.SSLContext | None = None,
        by_way_of: tuple[str, int] | None = None,
    ) -> None:
        """``session`` is the key of a session, or a whole ``name=value``; ``trust`` for wss.

        ``by_way_of`` is where to connect to in place of the host and port of ``url``.
        """
        self._url = url
        self._origin = origin
        self._cookie = session if "=" in session else f"sessionid={session}"
        self._trust = trust
        self._way = dict(zip(("host", "port"), by_way_of or (), strict=False))
        self._room = room
        self._outbox: deque[tuple[str, str]] = deque()
        self._has_post = asyncio.Event()
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._ids = itertools.count(1)
        self._running: asyncio.Task[None] | None = None
        self._subscription = 0
        self._hint = 0.0
        self.history = History(name)
        self._view = WatchedView(room, self.history)

    # --- For whoever uses it -----------------------------------------------------------

    def start(self) -> None:
        """Connect, and stay connected until ``stop``."""
        self._running = asyncio.create_task(self._run())

    def post(self, body: str) -> None:
        """Put a post into the outbox."""
        nonce = secrets.token_urlsafe(12)
        self.history.invoke(nonce, body)
        self._outbox.append((nonce, body))
        self._has_post.set()

    @property
    def has_sent_everything(self) -> bool:
        """Whether each post was acknowledged or refused."""
        return not self._outbox

    @property
    def waiting(self) -> int:
        """How many posts are in the outbox."""
        return len(self._outbox)

    @property
    def is_connected(self) -> bool:
        """Whether the room was answered for on the line of now."""
        last = self.history.partings[-1].at if self.history.partings else 0.0
        return bool(self.history.resumed_at) and self.history.resumed_at[-1] > last

    @property
    def revision(self) -> int:
        """Where the view stands."""
        return self._view.mirror.revision

    @property
    def epoch(self) -> str:
        """The store that the view is of."""
        return self._view.epoch

    def messages(self) -> list[dict[str, Any]]:
        """The messages of the view, in order."""
        return self._view.mirror.in_order()

    def bodies(self) -> list[str]:
        """What the view shows."""
        return self._view.mirror.bodies()

    async def stop(self) -> History:
        """Disconnect, and return what happened."""
        assert self._running is not None
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        self.history.seen = self._view.mirror.in_order()
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
                    additional_headers={"Cookie": self._cookie},
                    ssl=self._trust,
                    **self._way,
                    compression=None,
                    proxy=None,
                    max_size=None,
                    open_timeout=ANSWER_S,
                    ping_interval=None,
                ) as connection:
                    self.history.connections += 1
                    tries = 0
                    try:
                        await self._live(connection)
                    finally:
                        self._note_end(connection)
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
                    self._view.greet(frame["epoch"])
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

    def _note_end(self, connection: ClientConnection) -> None:
        code = connection.close_code
        parting = Parting(time.monotonic(), code, self._hint or None)
        self.history.partings.append(parting)

    async def _subscribe(self, connection: ClientConnection) -> None:
        cursor = f"{self.epoch}:{self.revision}" if self.revision >= 0 else None
        self._subscription = await self._send(
            connection, type="subscribe", room=self._room, cursor=cursor
        )

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
        if frame["type"] == "error" and frame.get("id") == self._subscription:
            return await self._may_ask_again(frame)
        if frame["type"] == "ping":
            return bool(frame["heads"].get(str(self._room), 0) > self.revision)
        if frame["type"] == "notice":
            self._hint = frame.get("retry_after") or 0.0
        if frame["type"] == "subscribed":
            self.history.resumed_at.append(time.monotonic())
        return self._view.take(frame)

    async def _may_ask_again(self, refusal: dict[str, Any]) -> bool:
        if refusal["code"] not in RETRYABLE:
            self.history.turned_away.append(refusal["code"])
            return False
        await asyncio.sleep(min(refusal.get("retry_after") or FIRST_RETRY_S, LAST_RETRY_S))
        return True

    # --- The outbox -------------------------------------------------------------------------

    async def _send_outbox(self, connection: ClientConnection) -> None:
        """Send what waits, one at a time and in order, until each is answered."""
        while True:
            while not self._outbox:
                self._has_post.clear()
                await self._has_post.wait()
            nonce, body = self._outbox[0]
            asked_at = time.monotonic()
            answer = await self._ask_to_post(connection, nonce, body)
            if answer["type"] == "ok":
                self._answered(nonce, answer)
            elif answer["code"] in RETRYABLE:
                self.history.put_back(answer, asked_at)
                await asyncio.sleep(answer.get("retry_after") or FIRST_RETRY_S)
                continue
            else:
                self.history.refuse(nonce, answer["code"])
            self._outbox.popleft()

    def _answered(self, nonce: str, answer: dict[str, Any]) -> None:
        if answer.get("held"):
            self.history.hold(nonce, answer["held"]["id"])
        else:
            mark = answer["message"]
            self.history.acknowledge(nonce, (mark["seq"], mark["revision"]), self.epoch)

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
