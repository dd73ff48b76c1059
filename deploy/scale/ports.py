"""Ports on loopback that stay free while the program they are for is stopped."""

from __future__ import annotations

import random
import socket

# Below what Linux gives to outgoing connections (32768 and up): a process that is started
# again must not find its port taken by a client of its neighbour.
FIRST, LAST = 20_000, 32_000
_given: set[int] = set()


def free_port() -> int:
    """Return a port that nothing listens on, each only once in this process."""
    while True:
        # Chance keeps several clusters on one machine apart; nothing secret hangs on it.
        port = random.randrange(FIRST, LAST)  # noqa: S311
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
