"""What is said of limits and close codes, which have no sentences of their own in the code."""

from __future__ import annotations

from chat.protocol import CloseCode

LIMITS = {
    "MAX_BODY_CHARS": "characters in the text of a message",
    "MAX_FRAME_BYTES": "bytes in a frame to the server; a larger one is answered `too_large`, "
    "and above 64 KiB the server closes with 1009",
    "MAX_NONCE_CHARS": "characters in a nonce",
    "MAX_ROOM_NAME_CHARS": "characters in the name of a room",
    "MAX_TOPIC_CHARS": "characters in a topic",
    "MAX_REASON_CHARS": "characters in the reason of whatever a moderator does, and in a report",
    "MAX_ROOMS_FOLLOWED": "rooms that one socket follows",
    "CHANGES_PER_FRAME": "messages in a `changes` frame; more come in several frames, each "
    "beginning where the one before ended",
    "CHANGES_PER_RESUME": "changes that a cursor is resumed over; past that the answer is a "
    "snapshot",
    "SNAPSHOT_MESSAGES": "messages in a snapshot",
    "HISTORY_DEFAULT": "messages in a page of history, unless asked otherwise",
    "HISTORY_MAX": "messages in a page of history at most",
    "MAX_SLOW_MODE_S": "seconds that slow mode may ask for between two posts",
    "MAX_TERM_MINUTES": "minutes that a mute or a ban may last, unless for ever",
    "HELD_SHOWN": "held posts in a `held` frame",
    "PINS_SHOWN": "pinned messages in an answer of the pins",
    "PING_EVERY_S": "seconds between two pings of the server",
    "PING_ANSWER_S": "seconds within which a ping wants its answer",
    "MAX_INTEGER": "the largest integer anywhere (2^53 - 1, which every JSON reader keeps exactly)",
}

CLOSES = {
    CloseCode.SIGN_IN: (
        "The session is over or never was: signed out, a new password, switched off.",
        "Go to the sign-in page. Do not return by itself.",
    ),
    CloseCode.BANNED: (
        "The person, or the address, is banned from the site; a notice before it says why.",
        "Show the reason. Do not return by itself.",
    ),
    CloseCode.GONE: (
        "What the socket was opened for is there no longer. (Not sent yet.)",
        "Do not return by itself.",
    ),
    CloseCode.TOO_SLOW: (
        "Nothing could be written to the socket for 5 s, or too much waited.",
        "Return with a cursor: nothing is lost.",
    ),
    CloseCode.RESTART: (
        "The server goes away, or the store went back in time.",
        "Return after `retry_after` of the `notice` before it, else as after any other code.",
    ),
    CloseCode.TOO_FAST: (
        "Too many commands, or too many sockets of one person or address.",
        "Return after `retry_after`, not sooner.",
    ),
    CloseCode.CLIENT_TOO_OLD: (
        "The client did not ask for a subprotocol that the server speaks.",
        "Load the page anew.",
    ),
}
