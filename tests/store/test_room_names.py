"""What a room may be called, and which names are the same; no database is asked."""

from __future__ import annotations

import pytest

from chat import errors
from chat.protocol import MAX_ROOM_NAME_CHARS, MAX_TOPIC_CHARS
from chat.room_names import clean_room_name, clean_topic, name_key
from tests.conftest import shown


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("Lobby", "Lobby"),
        ("  two \t words\n", "two words"),
        ("e\u0301te\u0301", "été"),
        ("大厅", "大厅"),
        ("🎉", "🎉"),
        ("👩‍🚀 space", "👩‍🚀 space"),
        ("नमस्ते", "नमस्ते"),
        ("x" * MAX_ROOM_NAME_CHARS, "x" * MAX_ROOM_NAME_CHARS),
    ],
)
def test_a_name_is_one_line_in_nfc(raw: str, kept: str) -> None:
    assert clean_room_name(raw) == kept


@pytest.mark.parametrize(
    "raw",
    ["", "   ", "\u3164", "\u200d", "a\u202eb", "a\u200bb", "a\x00b", "a\ue000", "\ud800"]
    + ["a\u2066b\u2069", "x" * (MAX_ROOM_NAME_CHARS + 1)],
    ids=shown,
)
def test_a_name_that_cannot_be_seen_or_deceives_is_refused(raw: str) -> None:
    with pytest.raises(errors.BadNameError):
        clean_room_name(raw)


@pytest.mark.parametrize("other", ["LOBBY", "ＬＯＢＢＹ", "lobby", "ⓛⓞⓑⓑⓨ"], ids=shown)
def test_names_that_read_the_same_have_one_key(other: str) -> None:
    assert name_key(other) == name_key("Lobby")


def test_names_that_differ_have_two() -> None:
    assert name_key("Straße") == name_key("STRASSE")
    assert name_key("大厅") != name_key("大堂")


def test_a_topic_may_be_empty_and_is_bounded() -> None:
    assert clean_topic("  ") == ""
    assert clean_topic("x" * MAX_TOPIC_CHARS) == "x" * MAX_TOPIC_CHARS
    with pytest.raises(errors.BadNameError):
        clean_topic("x" * (MAX_TOPIC_CHARS + 1))
