"""A session from the first frame to the last: the frames are made by the server's own hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chat import payloads, protocol
from chat.models import Room

EPOCH = "b1946ac92492d234"
ROOM = 7
ADA, BOB = (1, "Ada", 165, "", "member"), (2, "Bob", 30, "", "member")
NONCE = "0f9c2b7e5d1a4c38"
BEGAN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Step:
    """Something that happens: what is said of it, and the frame, if there is one."""

    text: str
    direction: str = ""
    """``>`` from the client to the server, ``<`` the other way."""
    frame: str = ""


def steps() -> list[Step]:
    """Return Bob's session, in which he posts, loses the line, and comes back."""
    return [*_coming_in(), *_posting(), *_coming_back(), *_going()]


def _coming_in() -> list[Step]:
    welcome = {
        "type": "welcome",
        "me": payloads.person(*BOB),
        "rooms": [
            {
                "facts": payloads.facts(_room(41)),
                "role": "member",
                "last_seq": 38,
                "last_read_seq": 36,
                "muted": None,
            }
        ],
        "epoch": EPOCH,
        "moderates": False,
        "level": "normal",
        "outcomes": [],
        "ping_every": protocol.PING_EVERY_S,
    }
    snapshot = payloads.snapshot_text(_room(41), [_message(38, 41, ADA, "Is anybody there?")])
    return [
        Step("Bob's page opens a socket. The first frame is the server's.", "<", _text(welcome)),
        Step(
            "It follows a room. There is no cursor yet, so the answer is a snapshot "
            "(here of one message).",
            ">",
            _command(protocol.Subscribe(id=1, room=ROOM)),
        ),
        Step("", "<", f'{{"type":"subscribed","id":1,"room":{ROOM},"snapshot":{snapshot}}}'),
    ]


def _posting() -> list[Step]:
    said = _message(39, 42, BOB, "Here I am.", nonce=NONCE)
    return [
        Step(
            "Bob posts. The nonce is the page's, and stays the same however often it must "
            "send this post.",
            ">",
            _command(protocol.Post(id=2, room=ROOM, nonce=NONCE, body="Here I am.")),
        ),
        Step(
            "It is on disk. The `ok` and the `changes` frame, which everybody who follows the "
            "room gets, come in any order.",
            "<",
            _text({"type": "ok", "id": 2, "message": {"id": 1039, "seq": 39, "revision": 42}}),
        ),
        Step("", "<", payloads.changes_text(ROOM, 41, 42, [said], None)),
        Step("He has seen it all.", ">", _command(protocol.Read(id=3, room=ROOM, seq=39))),
        Step("", "<", _text({"type": "ok", "id": 3})),
    ]


def _coming_back() -> list[Step]:
    tombstone = _message(38, 43, ADA, "", redacted_by="moderator")
    answer = _message(40, 44, ADA, "Hello, Bob!")
    changes = payloads.changes_text(ROOM, 42, 45, [tombstone, answer], _facts(45))
    return [
        Step(
            "The line breaks. Meanwhile a moderator redacts Ada's first message (tick 43), Ada "
            "answers (44), and the room gets a topic (45). Bob's page opens a new socket, is "
            "welcomed, and goes on from its cursor. It stood at 42."
        ),
        Step(
            "",
            ">",
            _command(protocol.Subscribe(id=1, room=ROOM, cursor=f"{EPOCH}:42")),
        ),
        Step(
            "One frame has it all: the tombstone, the answer and the topic. What was said "
            "before the redaction is nowhere any more.",
            "<",
            f'{{"type":"subscribed","id":1,"room":{ROOM},"changes":{changes}}}',
        ),
        Step(
            "Was his post stored before the line broke? If the page did not hear, it sends it "
            "again. The nonce is known, so the answer is the first message's mark.",
            ">",
            _command(protocol.Post(id=2, room=ROOM, nonce=NONCE, body="Here I am.")),
        ),
        Step(
            "",
            "<",
            _text({"type": "ok", "id": 2, "message": {"id": 1039, "seq": 39, "revision": 42}}),
        ),
    ]


def _going() -> list[Step]:
    refusal = {
        "type": "error",
        "id": 3,
        "code": "empty",
        "text": "There is nothing to send: the message has no visible text.",
        "retry_after": None,
    }
    restart = {
        "type": "notice",
        "code": "restart",
        "text": "The server is restarting. You will be connected again in a moment.",
        "retry_after": 2.5,
    }
    return [
        Step(
            "What cannot be done is answered; the socket lives.",
            ">",
            _command(protocol.Post(id=3, room=ROOM, nonce="5b1e9f4470aa21cd", body="  ")),
        ),
        Step("", "<", _text(refusal)),
        Step(
            "Every so often the server says that it lives, and where the rooms stand. A page "
            "that stands below a head has missed something, and subscribes again.",
            "<",
            _text({"type": "ping", "heads": {ROOM: 45}}),
        ),
        Step(
            f"The server restarts. It says when to come back, and closes with "
            f"{int(protocol.CloseCode.RESTART)}.",
            "<",
            _text(restart),
        ),
    ]


def _room(revision: int) -> Room:
    return Room(
        pk=ROOM,
        kind="open",
        name="The lobby",
        topic="" if revision < 45 else "Where everybody meets first",
        member_count=2,
        revision=revision,
        facts_revision=3 if revision < 45 else 45,
        last_seq=38,
    )


def _facts(revision: int) -> str:
    return payloads.encode(payloads.facts(_room(revision)))


def _message(
    seq: int,
    revision: int,
    author: tuple[Any, ...],
    body: str,
    *,
    nonce: str = "",
    redacted_by: str = "",
) -> str:
    at = BEGAN + timedelta(minutes=seq)
    redacted_at = BEGAN + timedelta(hours=1) if redacted_by else None
    nonce = nonce or f"{seq:02d}c0ffee0ddba11a"
    return payloads.message_json(
        (
            1000 + seq,
            ROOM,
            seq,
            revision,
            *author,
            nonce,
            body,
            at,
            None,
            None,
            redacted_at,
            redacted_by,
        )
    )


def _command(command: protocol.Command) -> str:
    # The type first, as one would write it; fields that are not given are left out.
    fields = command.model_dump(exclude_unset=True)
    return _text({"type": type(command).model_fields["type"].default, **fields})


def _text(frame: dict[str, Any]) -> str:
    return payloads.encode(frame)
