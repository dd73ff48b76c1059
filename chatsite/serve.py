"""Our server: uvicorn, set for many quiet sockets, and drained before it stops."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
import time
from contextlib import suppress
from types import FrameType

import uvicorn
from django.conf import settings

from chatsite.bounded_http import BoundedHttp
from chatsite.postgresql.patience import Patience
from chatsite.socket_protocol import SocketProtocol
from chatsite.variables import SettingsError

logger = logging.getLogger(__name__)

MAX_SOCKET_FRAME_BYTES = 64 * 1024
"""Above this the server itself closes (1009); below it, a frame too large is answered."""
DRAIN_TIMEOUT_S = 5
GRACEFUL_SHUTDOWN_S = 5
HANG_UP_TIMEOUT_S = 2
BACKLOG = 2048
_LOOK_EVERY_S = 0.05
SWITCH_INTERVAL_S = 0.001
"""A thread that computes gives way to the event loop after so long; Python's own is 5 ms."""


class Server(uvicorn.Server):
    """Says hello once it listens, and goodbye to every socket before it stops."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        quiet_the_collector()
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        print(self._greeting, flush=True)  # noqa: T201 - this is the terminal's page

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._leave_slowly()
        # First no newcomers, who would miss the goodbye.
        for listener in self.servers:
            listener.close()
        await say_goodbye()
        await super().shutdown(sockets=sockets)
        await finish_work()
        await hang_up()

    async def _leave_slowly(self) -> None:
        """Serve on for ``DRAIN_SECONDS``, and let proxies see that there is no future in it.

        At the end no connection is left on which a proxy would send a request into the void.
        """
        from chat.drain import announce_stop

        announce_stop()
        BoundedHttp.leaving = True
        deadline = time.monotonic() + settings.DRAIN_SECONDS
        # Signals only set flags here, as everywhere in uvicorn.
        while time.monotonic() < deadline and not self.force_exit:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_EVERY_S)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would raise the signal again after stopping, and the process would end
        # as if killed. Stopping when asked is success: exit code 0. Asked twice: at once.
        self.force_exit = self.should_exit
        self.should_exit = True


async def say_goodbye() -> None:
    """Tell sockets when to come back and close them, within ``DRAIN_TIMEOUT_S``."""
    from chat.drain import drain

    try:
        async with asyncio.timeout(DRAIN_TIMEOUT_S):
            await drain()
    except TimeoutError:
        logger.warning("Not every socket could be told that the server stops.")


async def finish_work() -> None:
    """Let what was asked for before be committed and told, within ``DRAIN_TIMEOUT_S``."""
    from chat.drain import finish

    try:
        async with asyncio.timeout(DRAIN_TIMEOUT_S):
            await finish()
    except TimeoutError:
        logger.warning("The database did not take what was posted last; it will be posted again.")


async def hang_up() -> None:
    """Close the lines to Redis, so that nobody uses them while the loop ends around them."""
    from channels.layers import get_channel_layer

    layer = get_channel_layer()
    if settings.IN_PROCESS or layer is None:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(HANG_UP_TIMEOUT_S):
            await layer.flush()


def quiet_the_collector() -> None:
    """Take what is loaded out of the garbage collector's sight, and let it look seldom.

    Its pauses were most of the slowest deliveries: with thousands of sockets a full
    collection walks millions of objects, and nearly all of them are here to stay.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises ``SettingsError`` where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    try:
        return socket.create_server(
            (host, port), family=family, backlog=BACKLOG, dualstack_ipv6=both
        )
    except PermissionError as error:
        raise SettingsError(
            [f"PORT is “{port}”, but this user may not listen there. Choose one above 1023."]
        ) from error
    except OSError as error:
        sentence = (
            f"Nothing can listen on {host}, port {port}: {error.strerror}. "
            "Stop the program that is there, or set PORT or HOST to another."
        )
        raise SettingsError([sentence]) from error


def configuration() -> uvicorn.Config:
    """How uvicorn runs here. The figures behind it are in ``docs/settings.md``."""
    from chatsite.asgi import application

    return uvicorn.Config(
        application,
        loop="uvloop",
        http=BoundedHttp,
        ws=SocketProtocol,
        # Twice the memory and the CPU of a delivery, for frames of a few hundred bytes.
        ws_per_message_deflate=False,
        ws_max_size=MAX_SOCKET_FRAME_BYTES,
        ws_ping_interval=25,
        ws_ping_timeout=10,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
        access_log=False,
        server_header=False,
        # uvicorn would believe the left-most address, which the client writes itself.
        # TRUSTED_PROXIES counts from the right, in our own code.
        proxy_headers=False,
        log_config=None,
    )


def run(listener: socket.socket, greeting: str) -> None:
    """Serve until asked to stop."""
    Patience.end()
    Server(configuration(), greeting).run(sockets=[listener])
