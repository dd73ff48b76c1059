"""Whatever is sent, the answer is a code and a sentence, and the socket lives.

Only where the protocol itself is broken (RFC 6455) does the server close, with its code.
"""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from tests.live.stage import Someone, Stage
from tests.live.window import Window

MASK = b"\0\0\0\0"
POST = {"type": "post", "id": 7, "room": 1, "nonce": "nonce-001", "body": "Hello."}


def _post(**changes: object) -> str:
    return json.dumps({**POST, **changes})


TABLE: dict[str, tuple[str | bytes, set[str]]] = {
    "not JSON": ("hello", {"bad_frame"}),
    "nothing": ("", {"bad_frame"}),
    "a list": ("[]", {"bad_frame"}),
    "null": ("null", {"bad_frame"}),
    "a number": ("7", {"bad_frame"}),
    "an empty object": ("{}", {"bad_frame"}),
    "nested brackets": ("[" * 16_000, {"bad_frame"}),
    "nested objects": ('{"a":' * 3_000, {"bad_frame"}),
    "NaN": ('{"type":"ping","id":NaN}', {"bad_frame"}),
    "5,000 digits": ('{"type":"ping","id":' + "9" * 5_000 + "}", {"bad_frame", "bad_field"}),
    "a lone surrogate": (_post(body="\ud800"), {"bad_frame", "bad_text"}),
    "NUL": (_post(body="a\0b"), {"bad_text"}),
    "NUL, bare": ('{"type":"ping","id":1}\0', {"bad_frame"}),
    "cut off": ('{"type":"ping","id":1', {"bad_frame"}),
    "two in one": ('{"type":"ping","id":1}{"type":"ping","id":2}', {"bad_frame"}),
    "binary": (b'{"type":"ping","id":1}', {"bad_frame"}),
    "empty binary": (b"", {"bad_frame"}),
    "unknown type": ('{"type":"shout","id":7}', {"unknown_command"}),
    "an event": ('{"type":"welcome","id":7}', {"unknown_command"}),
    "no type": ('{"id":7}', {"bad_frame"}),
    "no id": ('{"type":"ping"}', {"bad_field"}),
    "a text as id": ('{"type":"ping","id":"7"}', {"bad_field"}),
    "no room": ('{"type":"post","id":7,"nonce":"nonce-001","body":"Hello."}', {"bad_field"}),
    "a text as room": (_post(room="1"), {"bad_field"}),
    "room 0": (_post(room=0), {"bad_field"}),
    "a room beyond JSON": (_post(room=2**53), {"bad_field"}),
    "a room of a database's nightmare": (_post(room=2**53 - 1), {"not_found"}),
    "a message of a database's nightmare": (
        '{"type":"redact","id":7,"message":9007199254740991}',
        {"not_found"},
    ),
    "a number as body": (_post(body=7), {"bad_field"}),
    "an unknown field": (_post(author=1), {"bad_field"}),
    "an empty body": (_post(body=""), {"empty"}),
    "zero width": (_post(body="\u200b\u2060"), {"empty"}),
    "only newlines": (_post(body="\n" * 4_000), {"empty"}),
    "one over the limit": (_post(body="x" * 4_001), {"too_long"}),
    "8,000 brackets": (_post(body="[" * 8_000), {"too_long"}),
    "a nonce with a blank": (_post(nonce="nonce 001"), {"bad_field"}),
    "more than a frame": (_post(body="x" * 17_000), {"too_large"}),
    "more than a frame, in bytes": (
        json.dumps({**POST, "body": "汉" * 6_000}, ensure_ascii=False),
        {"too_large"},
    ),
}


@pytest.fixture(scope="module")
def mute(stage: Stage) -> Someone:
    """One person for all of these tests, since they never get a word in."""
    return stage.person("mute")


@pytest.mark.parametrize("name", TABLE)
async def test_it_is_answered_and_the_socket_lives(name: str, stage: Stage, mute: Someone) -> None:
    frame, codes = TABLE[name]
    async with stage.window(mute) as window:
        await window.connection.send(frame)
        answer = await window.hear("error")
        assert answer["code"] in codes
        assert answer["text"]
        assert await window.is_alive()


async def test_doubled_keys_are_a_command_of_the_last_ones(stage: Stage, mute: Someone) -> None:
    async with stage.window(mute) as window:
        await window.connection.send('{"type":"shout","type":"ping","id":1,"id":99}')
        assert (await window.hear("ok"))["id"] == 99


async def test_a_frame_of_70_kb_is_refused_or_closes_with_1009(stage: Stage, mute: Someone) -> None:
    async with stage.window(mute) as window:
        await window.welcome()
        await window.connection.send("[" * 70_000)
        await _refused_or_closed(stage, window, "too_large", 1009)


async def test_invalid_utf_8_closes_with_1007(stage: Stage, mute: Someone) -> None:
    async with stage.window(mute) as window:
        await window.welcome()
        window.connection.transport.write(b"\x81\x82" + MASK + b"\xff\xfe")
        assert await window.closed() == _protocol_error(stage, 1007)


async def test_an_unknown_opcode_closes_with_1002(stage: Stage, mute: Someone) -> None:
    async with stage.window(mute) as window:
        await window.welcome()
        window.connection.transport.write(b"\x83\x80" + MASK)
        assert await window.closed() == _protocol_error(stage, 1002)


async def test_a_hundred_thousand_fragments_stop_nobody(stage: Stage, mute: Someone) -> None:
    async with stage.window(mute) as window, stage.window(mute) as other:
        await window.welcome()
        # A ping in three pieces, with emptiness between them.
        transport = window.connection.transport
        transport.write(_piece(0x01, b'{"type":"ping"'))
        for _ in range(100):
            transport.write((b"\x00\x80" + MASK) * 1_000)
        transport.write(_piece(0x00, b',"id":') + _piece(0x80, b"99}"))
        assert await other.is_alive()
        # Put together, or given up; nobody else may notice.
        await _answered_or_closed(window, 99)
        assert await other.is_alive()


async def test_a_command_in_pieces_is_one_command(stage: Stage, mute: Someone) -> None:
    async with stage.window(mute) as window:
        await window.connection.send(['{"type":', '"ping"', ',"id":99}'])
        assert (await window.hear("ok"))["id"] == 99


async def test_before_signing_in_nothing_is_answered_but_the_door(stage: Stage) -> None:
    ada = stage.person("ada")
    room = stage.room(ada)
    async with stage.window(None) as window:
        with suppress(ConnectionClosed):
            await window.connection.send(json.dumps({"type": "subscribe", "id": 1, "room": room}))
        assert await window.closed() == 4001
        assert window.heard == []


async def test_a_client_of_another_version_is_told_so(stage: Stage, mute: Someone) -> None:
    for offered in (None, ["chat.v0"]):
        async with stage.window(mute, subprotocols=offered) as window:
            assert await window.closed() == 4100


def _piece(head: int, payload: bytes) -> bytes:
    return bytes([head, 0x80 | len(payload)]) + MASK + payload


def _protocol_error(stage: Stage, code: int) -> int:
    # daphne cuts the line at an error of the protocol, without a closing frame.
    return code if stage.server == "uvicorn" else 1006


async def _refused_or_closed(stage: Stage, window: Window, code: str, close: int) -> None:
    if stage.server == "uvicorn":
        assert await window.closed() == close
    else:
        # daphne has no limit of its own (docs/settings.md): our refusal is what there is.
        assert (await window.hear("error"))["code"] == code
        assert await window.is_alive()


async def _answered_or_closed(window: Window, command_id: int) -> None:
    try:
        answer = await window.hear(lambda frame: frame.get("id") == command_id)
        assert answer["type"] == "ok"
    except AssertionError:
        assert await window.closed() in (1002, 1008, 1009)
