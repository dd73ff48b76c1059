"""The numbers of the wire itself, and why a socket is closed.

What an operator may change (posts a minute, connections a person) is in chatsite/settings.py.
"""

from __future__ import annotations

from enum import IntEnum

SUBPROTOCOL = "chat.v1"

MAX_BODY_CHARS = 4_000
MAX_FRAME_BYTES = 16 * 1024
MAX_NONCE_CHARS = 64
MAX_ROOM_NAME_CHARS = 80
MAX_TOPIC_CHARS = 250
MAX_REASON_CHARS = 500
MAX_SLOW_MODE_S = 6 * 60 * 60
MAX_TERM_MINUTES = 10 * 366 * 24 * 60
HELD_SHOWN = 100
PINS_SHOWN = 100
MAX_ROOMS_FOLLOWED = 100
CHANGES_PER_FRAME = 500
CHANGES_PER_RESUME = 2_000
SNAPSHOT_MESSAGES = 50
HISTORY_DEFAULT = 50
HISTORY_MAX = 100
PING_EVERY_S = 25
PING_ANSWER_S = 10
MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8259, 6)."""


class CloseCode(IntEnum):
    """Why the server closed the socket. After any other code: return with jitter."""

    SIGN_IN = 4001
    BANNED = 4003
    GONE = 4004
    TOO_SLOW = 4008
    RESTART = 4012
    TOO_FAST = 4029
    CLIENT_TOO_OLD = 4100
