"""The socket's door: a frame becomes a command, an announcement becomes a frame."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils.translation import gettext as _

from chat import metrics, payloads, work_id
from chat.actions.addresses import is_remembered, remember_address
from chat.address import scope_address, throttle_address
from chat.address_bans import check_address
from chat.commands import COMMANDS, Caller
from chat.connection import Connection
from chat.database import in_database, write_in_database
from chat.errors import (
    AddressBannedError,
    BannedError,
    BusyError,
    ChatError,
    InternalError,
)
from chat.frames import RefusedFrameError, parse_frame
from chat.hub import Hub, get_hub
from chat.language import speaking
from chat.protocol import PING_EVERY_S, SUBPROTOCOL, CloseCode, Command, Ping, Post
from chat.shared_frame import HANG_UP, WRITE_FRAME
from chat.socket_session import Handshake, SocketSession, open_session
from chat.throttle import Allowance
from chat.turns import Turns

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 1.0


class ChatConsumer(AsyncWebsocketConsumer):
    """``chat.v1``: all rooms of one window over one socket.

    It has no channel of its own (the hub follows the layer for all sockets), and reads
    its frames itself: the dispatch of Channels goes through a thread for each of them.
    """

    hub: Hub
    connection: Connection

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope = scope
        self.base_send = send
        work_id.begin(work_id.new_id())
        self._closing: asyncio.Task[None] | None = None
        self._reading = asyncio.current_task()
        self._turns = Turns()
        if (await receive())["type"] != "websocket.connect":
            return
        session = await self._enter(Handshake(scope))
        if session is None:
            return
        try:
            self._welcome(session)
            await self._read_frames(receive)
        except asyncio.CancelledError:
            # Cancelled by our own close is over; cancelled by the server goes on up.
            if self._closing is None:
                raise
        finally:
            self._turns.stop()
            self.hub.remove(self.connection)

    # --- Coming in ------------------------------------------------------------------------

    async def _enter(self, handshake: Handshake) -> SocketSession | None:
        """Accept the handshake; turn away, with a code, whoever cannot stay."""
        if SUBPROTOCOL not in self.scope["subprotocols"]:
            await self.accept()
            await self.close(CloseCode.CLIENT_TOO_OLD)
            return None
        await self.accept(SUBPROTOCOL)
        try:
            session = await in_database(open_session, handshake.session_key, handshake.language)
            self.hub = await get_hub()
            if session is not None and not session.user.is_staff:
                await in_database(check_address, scope_address(self.scope))
        except BusyError:
            await self.close(CloseCode.RESTART)
            return None
        except (BannedError, AddressBannedError) as refusal:
            await self._turn_away(refusal, handshake.language)
            return None
        if session is None:
            await self.close(CloseCode.SIGN_IN)
            return None
        self.connection = Connection(
            user=session.user,
            session_key=session.session_key,
            address=throttle_address(scope_address(self.scope)),
            language=session.user.language or handshake.language,
            send=self.base_send,
            write_frame=self._extension(WRITE_FRAME).get("write"),
            close=self._close_soon,
        )
        return session if await self._has_place() else None

    async def _turn_away(self, refusal: ChatError, language: str) -> None:
        """Say why nobody is let in here, and close."""
        with speaking(language):
            notice = {"type": "notice", "code": "banned", "text": refusal.text}
        await self.send(payloads.encode(notice))
        await self.close(CloseCode.BANNED)

    async def _has_place(self) -> bool:
        connection = self.connection
        fits = await self.hub.places.take(connection.user.pk, connection.address)
        # From here to `hub.add`, which gives it back in the end, nothing is waited for.
        if self.hub.closing:
            # The goodbye is said, and this socket was not there to hear it.
            if fits:
                self.hub.places.leave(connection.user.pk, connection.address)
            await self.close(CloseCode.RESTART)
            return False
        if fits:
            return True
        with speaking(connection.language):
            text = _("Too many windows are open at once. Close some and come back.")
        connection.tell({"type": "notice", "code": "too_fast", "text": text})
        metrics.THROTTLED.labels("sockets").inc()
        await self.close(CloseCode.TOO_FAST)
        return False

    def _welcome(self, session: SocketSession) -> None:
        self.connection.mutes = session.mutes
        self.connection.last_kick = session.last_kick
        self.connection.told_outcomes = {outcome["report"] for outcome in session.outcomes}
        self.hub.add(self.connection, session.roles)
        self.hub.spawn(self._remember_address())
        self.connection.tell(
            {
                "type": "welcome",
                "me": session.person,
                "rooms": session.entries,
                "epoch": self.hub.epoch,
                "moderates": session.moderates,
                "level": self.hub.site.level,
                "outcomes": session.outcomes,
                "ping_every": PING_EVERY_S,
            }
        )

    async def _remember_address(self) -> None:
        address, user = scope_address(self.scope), self.connection.user
        if is_remembered(user.pk, address):
            return
        try:
            await write_in_database(remember_address, actor=user, address=address)
        except BusyError:
            logger.info("an address was not remembered: the database is busy")

    # --- Frames in ------------------------------------------------------------------------

    async def _read_frames(self, receive: Any) -> None:
        caller = Caller(self.hub, self.connection)
        allowance = Allowance(settings.COMMANDS_PER_MINUTE)
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            # A post that is taken is free here: it has a throttle of its own.
            if not await self._take(caller, message.get("text")) and not allowance.take():
                # The server hangs up as soon as this coroutine ends: the closing frame first.
                await asyncio.wait({self._too_fast()})
                return

    async def _take(self, caller: Caller, text: str | None) -> bool:
        """Take one frame; True for a post that was not refused."""
        try:
            command = parse_frame(text)
        except RefusedFrameError as refused:
            caller.refuse(refused.command_id, refused.refusal)
            return False
        if isinstance(command, Ping):
            await self._obey(caller, command)
        elif isinstance(command, Post):
            return await self._obey(caller, command)
        else:
            await self._turns.give(partial(self._obey, caller, command))
        return False

    async def _obey(self, caller: Caller, command: Command) -> bool:
        """Do what a command says, or say why not; True where it was not refused."""
        try:
            await COMMANDS[type(command)](caller, command)
        except ChatError as refusal:
            caller.refuse(command.id, refusal)
            return False
        except Exception:
            # A fault of ours: it is logged with its trace, the person is told, and the
            # socket lives, for the fault of one command is no reason to lose the others.
            logger.exception("a command failed")
            caller.refuse(command.id, InternalError())
            return False
        return True

    # --- Going out ----------------------------------------------------------------------------

    def _too_fast(self) -> asyncio.Task[None]:
        with speaking(self.connection.language):
            text = _("That was too much at once. You will be connected again in a moment.")
        self.connection.tell(
            {"type": "notice", "code": "too_fast", "text": text, "retry_after": 10.0}
        )
        metrics.THROTTLED.labels("commands").inc()
        return self._close_soon(CloseCode.TOO_FAST)

    async def close(self, code: CloseCode) -> None:
        """Close with ``code``."""
        metrics.SOCKETS_CLOSED.labels(str(int(code))).inc()
        # autobahn, through which daphne speaks, takes an int and nothing derived from it.
        await super().close(int(code))

    def _close_soon(self, code: CloseCode) -> asyncio.Task[None]:
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close_and_stop(code))
        return self._closing

    async def _close_and_stop(self, code: CloseCode) -> None:
        """Close with ``code``, and stop reading; a peer that takes nothing is not waited for."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self.connection.outlet.drained()
                self.connection.outlet.stop()
                await self.close(code)
        except (TimeoutError, OSError, RuntimeError) as error:
            logger.info("a socket was dropped without a closing frame: %s", type(error).__name__)
            self._extension(HANG_UP).get("hang_up", _nothing)()
        if self._reading is not None:
            self._reading.cancel()

    def _extension(self, name: str) -> dict[str, Any]:
        """Return what the server can do beyond ASGI, where it can."""
        extension: dict[str, Any] = self.scope.get("extensions", {}).get(name, {})
        return extension


def _nothing() -> None:
    """What a server does that cannot hang up: it waits for the peer's own end."""
