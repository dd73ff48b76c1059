"""A text frame becomes a command, or a refusal with a code; never anything else."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import protocol
from chat.frames import RefusedFrameError, parse_frame
from chat.protocol import MAX_FRAME_BYTES, MAX_INTEGER

POST = {"type": "post", "id": 1, "room": 2, "nonce": "nonce-01", "body": "Hello."}
GOOD: list[tuple[dict[str, Any], type[protocol.Command]]] = [
    ({"type": "ping", "id": 0}, protocol.Ping),
    ({"type": "ping", "id": MAX_INTEGER}, protocol.Ping),
    (POST, protocol.Post),
    ({"type": "subscribe", "id": 1, "room": 2}, protocol.Subscribe),
    ({"type": "subscribe", "id": 1, "room": 2, "cursor": None}, protocol.Subscribe),
    ({"type": "subscribe", "id": 1, "room": 2, "cursor": "abc:7"}, protocol.Subscribe),
    ({"type": "unsubscribe", "id": 1, "room": 2}, protocol.Unsubscribe),
    ({"type": "edit", "id": 1, "message": 2, "body": "Hm."}, protocol.Edit),
    ({"type": "edit", "id": 1, "message": 2, "body": "Hm.", "if_revision": 0}, protocol.Edit),
    ({"type": "redact", "id": 1, "message": 2}, protocol.Redact),
    ({"type": "redact", "id": 1, "message": 2, "reason": "r" * 500}, protocol.Redact),
    ({"type": "read", "id": 1, "room": 2, "seq": 0}, protocol.Read),
]


def refused(text: str | None) -> tuple[str, int | None]:
    """Parse what must be refused; return the code and the id."""
    with pytest.raises(RefusedFrameError) as caught:
        parse_frame(text)
    assert caught.value.refusal.text
    return caught.value.refusal.code, caught.value.command_id


@pytest.mark.parametrize(("frame", "command"), GOOD, ids=str)
def test_a_command_is_read(frame: dict[str, Any], command: type[protocol.Command]) -> None:
    parsed = parse_frame(json.dumps(frame))
    assert type(parsed) is command
    assert {name: getattr(parsed, name) for name in frame} == frame


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "bad_frame"),
        ("", "bad_frame"),
        ("hello", "bad_frame"),
        ("[]", "bad_frame"),
        ("null", "bad_frame"),
        ("7", "bad_frame"),
        ('"ping"', "bad_frame"),
        ("{}", "bad_frame"),
        ('{"id": 1}', "bad_frame"),
        ("[" * 10_000, "bad_frame"),
        ('{"a":' * 3_000, "bad_frame"),
        ("[" * 100_000, "too_large"),
        ('{"type":"ping","id":NaN}', "bad_frame"),
        ('{"type":"ping","id":Infinity}', "bad_frame"),
        ('{"type":"ping","id":' + "9" * 5_000 + "}", None),
        ('{"type":"ping","id":1', "bad_frame"),
        ('{"type":"ping","id":1}{}', "bad_frame"),
        ('{"type":"ping","id":1,}', "bad_frame"),
        ("{'type':'ping','id':1}", "bad_frame"),
        ('{"type":"post","id":1,"room":2,"nonce":"nonce-01","body":"\\ud800"}', "bad_frame"),
        ('\ud800{"type":"ping","id":1}', "bad_frame"),
        ('{"type":"post","id":1,"room":2,"nonce":"nonce-01","body":"a\x00b"}', "bad_frame"),
        ("\ufeff" + '{"type":"ping","id":1}', "bad_frame"),
        ('{"type":"nonsense","id":1}', "unknown_command"),
        ('{"type":7,"id":1}', "unknown_command"),
        ('{"type":null,"id":1}', "unknown_command"),
        ('{"type":{},"id":1}', "unknown_command"),
        ('{"type":"welcome","id":1}', "unknown_command"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_what_is_no_command_is_refused(text: str | None, code: str | None) -> None:
    found, _ = refused(text)
    assert found == code or (code is None and found in {"bad_frame", "bad_field"})


def test_of_doubled_keys_the_last_one_counts() -> None:
    assert parse_frame('{"type":"ping","id":1,"id":2}').id == 2


@pytest.mark.parametrize(
    "change",
    [
        {"room": None},
        {"room": "2"},
        {"room": 2.0},
        {"room": 2.5},
        {"room": True},
        {"room": 0},
        {"room": -1},
        {"room": MAX_INTEGER + 1},
        {"room": [2]},
        {"nonce": ""},
        {"nonce": "short"},
        {"nonce": "with space"},
        {"nonce": "nonce-01\n"},
        {"nonce": "n" * 65},
        {"nonce": 12345678},
        {"nonce": "ｎｏｎｃｅｎｏｎｃｅ"},
        {"body": None},
        {"body": 7},
        {"body": ["Hello."]},
        {"unknown": 1},
        {"author": 1},
    ],
    ids=str,
)
def test_a_wrong_field_is_named_and_the_id_comes_back(change: dict[str, Any]) -> None:
    code, command_id = refused(json.dumps({**POST, **change}))
    assert (code, command_id) == ("bad_field", 1)


@pytest.mark.parametrize("field", [name for name in POST if name not in ("type", "id")])
def test_a_missing_field_is_named(field: str) -> None:
    frame = {name: value for name, value in POST.items() if name != field}
    with pytest.raises(RefusedFrameError) as caught:
        parse_frame(json.dumps(frame))
    assert field in caught.value.refusal.text


@pytest.mark.parametrize(
    "bad", [None, -1, MAX_INTEGER + 1, 10**18, "1", 1.0, True, [], {}], ids=str
)
def test_an_id_that_is_none_is_not_given_back(bad: Any) -> None:
    assert refused(json.dumps({"type": "ping", "id": bad})) == ("bad_field", None)


@pytest.mark.parametrize(
    "cursor",
    ["", ":", "abc", "abc:", ":7", "abc:-1", "abc:7.0", "abc:７", "ab-c:7", "a" * 33 + ":7"]
    + ["abc:" + "9" * 17, "abc:7\n", 7, "abc:7:8"],
    ids=ascii,
)
def test_a_cursor_that_is_none_is_refused(cursor: Any) -> None:
    frame = {"type": "subscribe", "id": 1, "room": 2, "cursor": cursor}
    assert refused(json.dumps(frame)) == ("bad_field", 1)


def _sized(size: int, filler: str = "x") -> str:
    frame = json.dumps(POST, ensure_ascii=False)
    room = size - len(frame.encode())
    return frame.replace("Hello.", "Hello." + filler * (room // len(filler.encode())))


def test_a_frame_may_have_sixteen_kibibytes_and_no_more() -> None:
    text = _sized(MAX_FRAME_BYTES)
    assert len(text.encode()) == MAX_FRAME_BYTES
    assert isinstance(parse_frame(text), protocol.Post)
    assert refused(text + " ") == ("too_large", None)


def test_the_limit_is_in_bytes_not_characters() -> None:
    text = _sized(MAX_FRAME_BYTES + 4, "汉")
    assert len(text) < MAX_FRAME_BYTES < len(text.encode())
    assert refused(text) == ("too_large", None)


@given(st.text(max_size=200))
def test_any_text_is_a_command_or_a_refusal(text: str) -> None:
    with pytest.raises(RefusedFrameError):
        parse_frame(text)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from([frame for frame, _ in GOOD]),
    st.dictionaries(st.sampled_from([*POST, "cursor", "seq", "message", "reason"]), _json),
)
def test_any_frame_like_a_command_is_one_or_a_refusal(
    frame: dict[str, Any], change: dict[str, Any]
) -> None:
    try:
        parsed = parse_frame(json.dumps({**frame, **change}))
    except RefusedFrameError as refusal:
        assert refusal.refusal.code in {"bad_frame", "bad_field", "unknown_command", "too_large"}
    else:
        assert isinstance(parsed, protocol.Command)


@pytest.mark.parametrize(
    "text",
    ["[" * MAX_FRAME_BYTES, '{"a":' * 3_000, "9" * MAX_FRAME_BYTES, '"' + "\\u00e9" * 2_700 + '"'],
    ids=lambda value: value[:8],
)
def test_no_frame_takes_long_to_refuse(text: str) -> None:
    started = time.process_time()
    refused(text)
    assert time.process_time() - started < 0.1
