"""Every command of the wire, sent by everybody: the role table's second half.

Through the real consumer, hub and database; only the server before them is missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from chat import protocol
from chat.database import in_database
from tests.conftest import new_nonce
from tests.faults.asgi_window import AsgiWindow, Frame, sign_in
from tests.roles.answers import CLOSED, CODES
from tests.roles.table import COMMANDS, Row, differences
from tests.roles.world import MISSING, PEOPLE, Missing, Things, World

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("hub_ends", "layer_back"),
]
Asked = Things | Missing
Fields = Callable[[Any], dict[str, Any]]


def about(thing: str, **fields: Any) -> Fields:
    """A command about a message, a held post and the like: its field is named for it."""
    name = {"own_message": "message", "tombstone": "message", "pinned": "message"}.get(thing, thing)
    return lambda things: {name: getattr(things, thing), **fields}


def about_somebody(**fields: Any) -> Fields:
    return lambda things: {"room": things.room, "user": things.victim, **fields}


ASK: dict[str, Fields] = {
    "ping": lambda _things: {},
    "subscribe": about("room"),
    "unsubscribe": about("room"),
    "post": lambda things: {"room": things.room, "nonce": new_nonce(), "body": "Hello."},
    "edit": about("own_message", body="Changed."),
    "redact-own": about("own_message"),
    "redact": about("message", reason="Rude."),
    "read": about("room", seq=10**6),
    "report": about("message", reason="Rude."),
    "heard": about("report"),
    "mute": about_somebody(minutes=10, reason="Loud."),
    "ban": about_somebody(minutes=10, reason="Spam."),
    "kick": about_somebody(reason="Out."),
    "lift": about("sanction"),
    "restore": about("tombstone"),
    "pin": about("message"),
    "unpin": about("pinned"),
    "approve": about("held"),
    "reject": about("held", reason="Rude."),
    "set_room": about("room", slow_mode=5),
}
AS = {"redact-own": "redact"}
FRAMES_OF_THEIR_OWN = {"welcome"}
"""Rows that are no commands: which rooms the first frame of a socket names."""

INSIDE = {who for who, word in COMMANDS["subscribe", "private"].items() if word == "ok"}
OUTSIDE = ("outsider", "former", "elsewhere")
"""Who is not in the room, and moderates nothing that is."""
SENT = [row for row in COMMANDS if row[0] not in FRAMES_OF_THEIR_OWN]


@pytest.fixture
async def windows() -> AsyncIterator[Callable[[World], Any]]:
    """Open a window for everybody of a world; they are closed at the end."""
    opened: dict[str, AsgiWindow] = {}

    async def open_all(world: World) -> dict[str, AsgiWindow]:
        for who in PEOPLE:
            user = world.people.get(who)
            session = await in_database(sign_in, user) if user is not None else "nobody's"
            opened[who] = AsgiWindow(session)
        for window in opened.values():
            await _welcomed_or_closed(window)
        return opened

    yield open_all
    for window in opened.values():
        await window.leave()


async def _word(window: AsgiWindow, kind: str, fields: dict[str, Any]) -> tuple[str, Frame]:
    """Send a command; return its answer in the table's words, and as it came."""
    if window.close_code is not None:
        return CLOSED[window.close_code], {}
    answer = await _answer(window, window.send(kind, **fields))
    if answer["type"] == "error":
        return CODES.get(answer["code"], answer["code"]), answer
    assert answer["type"] in ("ok", "subscribed"), answer
    return "ok", answer


async def _welcomed_or_closed(window: AsgiWindow) -> None:
    async with asyncio.timeout(10):
        while window.is_open and not window.frames:
            await asyncio.sleep(0.001)
        # Who is turned away hears why before the socket is closed.
        while window.is_open and window.frames[0]["type"] == "notice":
            await asyncio.sleep(0.001)


async def _answer(window: AsgiWindow, command: int) -> Frame:
    async with asyncio.timeout(10):
        while True:
            for frame in window.frames:
                if frame.get("id") == command:
                    return frame
            await asyncio.sleep(0.001)


@pytest.mark.parametrize(("door", "kind"), SENT, ids=map(" ".join, SENT))
async def test_everybody_gets_the_answer_of_the_table(
    door: str, kind: str, windows: Callable[[World], Any]
) -> None:
    world = await in_database(World, "open" if kind == "-" else kind)
    answers: Row = {}
    for who, window in (await windows(world)).items():
        fields = await in_database(ASK[door], Things(world, who))
        answers[who], answer = await _word(window, AS.get(door, door), fields)
        if answers[who] in ("mute", "ban"):
            reason = {"mute": "Loud.", "ban": "Spam."}[answers[who]]
            assert f"Reason: {reason}" in answer["text"]
    assert differences(answers, COMMANDS[door, kind]) == {}


@pytest.mark.parametrize("door", [door for door, kind in SENT if kind == "private"])
async def test_what_is_private_is_answered_as_what_never_was(
    door: str, windows: Callable[[World], Any]
) -> None:
    world = await in_database(World, "private")
    for who, window in (await windows(world)).items():
        is_none = COMMANDS[door, "private"][who] == "none"
        if who in INSIDE or not (is_none or who in OUTSIDE):
            continue
        both = []
        things = Things(world, who)
        await in_database(lambda: things.victim)  # noqa: B023 - called at once
        for asked in (things, Missing(things)):
            fields = await in_database(ASK[door], asked)
            await asyncio.sleep(0.1)
            window.take()
            word, answer = await _word(window, AS.get(door, door), fields)
            # Whatever else comes is as telling as the answer.
            await asyncio.sleep(0.1)
            heard = [f["type"] for f in window.take() if _is_telling(f, world)]
            both.append((word, {**answer, "id": 0}, heard))
        assert both[0] == both[1], who


def _is_telling(frame: Frame, world: World) -> bool:
    """Whether a frame came because of what was asked; moderators have a room of their own."""
    if "id" in frame or frame["type"] == "ping":
        return False
    return frame.get("room") in (None, world.room.pk, MISSING)


@pytest.mark.parametrize("kind", ["open", "private"])
async def test_the_first_frame_names_the_rooms_of_the_table(
    kind: str, windows: Callable[[World], Any]
) -> None:
    world = await in_database(World, kind)
    answers: Row = {}
    for who, window in (await windows(world)).items():
        if window.close_code is not None:
            answers[who] = CLOSED[window.close_code]
            assert "rooms" not in str(window.frames)
            continue
        welcome = await window.hear("welcome")
        names = [entry["facts"]["name"] for entry in welcome["rooms"]]
        answers[who] = "ok" if "The room" in names else "none"
    assert differences(answers, COMMANDS["welcome", kind]) == {}


async def test_nobody_outside_hears_anything_of_a_private_room(
    windows: Callable[[World], Any],
) -> None:
    """Not what is said, changed, held, counted or pinned there; nor who is put out."""
    world = await in_database(World, "private")
    opened = await windows(world)
    for window in opened.values():
        await _word(window, "subscribe", {"room": world.room.pk})
        window.take()
    things = Things(world, "member")
    owner = opened["owner"]
    for door in ("edit", "redact", "pin", "mute", "kick", "approve", "reject", "set_room"):
        fields = await in_database(ASK[door], Things(world, "owner"))
        word, answer = await _word(owner, door, fields)
        assert word == "ok", (door, answer)
    message = await in_database(lambda: things.message)
    async with asyncio.timeout(10):
        while not all(f'"id": {message}' in _heard(opened[who]) for who in INSIDE):
            await asyncio.sleep(0.01)
    for who, window in opened.items():
        if who not in INSIDE:
            assert [f for f in window.take() if f.get("room") == world.room.pk] == [], who


def _heard(window: AsgiWindow) -> str:
    return str(window.frames).replace("'", '"')


def test_every_command_of_the_wire_stands_in_the_table() -> None:
    named = {model.model_fields["type"].default for model in protocol.COMMANDS}
    rows = {door for door, _kind in COMMANDS}
    assert {AS.get(door, door) for door in rows} - FRAMES_OF_THEIR_OWN == named
    assert rows - FRAMES_OF_THEIR_OWN == ASK.keys()
    everywhere = {"ping"}
    for door in rows - everywhere:
        assert {("open"), ("private")} == {kind for d, kind in COMMANDS if d == door}, door
