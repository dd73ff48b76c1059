"""Tell every socket of this process to come back, with a hint when."""

from __future__ import annotations

import asyncio
import random

from django.utils.translation import gettext as _

from chat.announce import is_all_told
from chat.hub import Hub, running_hub
from chat.language import speaking
from chat.protocol import CloseCode
from chat.writer import writer

RETURN_FIRST_S = 0.5
RETURN_LAST_S = 5.0
_LOOK_EVERY_S = 0.01
SOCKETS_PER_S = 500
"""The returning are spread so that no more than about so many come in one second."""


def announce_stop() -> None:
    """Say on ``/readyz`` that this process will stop. Its sockets stay, and new ones may come."""
    # The class's: a process that nobody spoke to yet makes its hub when it is asked.
    Hub.draining = True


async def drain() -> None:
    """Send ``notice{restart, retry_after}`` to every socket and close it with 4012."""
    hub = running_hub()
    if hub is None:
        return
    hub.draining = hub.closing = True
    latest = max(RETURN_LAST_S, len(hub.connections) / SOCKETS_PER_S)
    for connection in list(hub.connections):
        with speaking(connection.language):
            text = _("The server is restarting. You will be connected again in a moment.")
        # Chance spreads them; nothing secret hangs on it.
        wait = round(random.uniform(RETURN_FIRST_S, latest), 1)  # noqa: S311
        connection.tell({"type": "notice", "code": "restart", "text": text, "retry_after": wait})
        connection.close(CloseCode.RESTART)
    await hub.flushed()
    await hub.places.close()


async def finish() -> None:
    """Return when all that was asked for is committed and told.

    Who asked is gone by now and will ask again; but a thread that commits while the process
    ends around it is cut off anywhere, and what it commits is told to nobody.
    """
    # The writer's thread knows nothing of this loop that one could wait for.
    while writer.waiting or not is_all_told():  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_EVERY_S)
