"""What may be said, and how it is kept; no database is asked."""

from __future__ import annotations

import time

import pytest

from chat import errors
from chat.protocol import MAX_BODY_CHARS
from chat.text import clean_body
from tests.conftest import shown

LIMIT = MAX_BODY_CHARS


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("Hello.", "Hello."),
        ("two\r\nlines\rthree", "two\nlines\nthree"),
        ("\n\n  indented stays\n\n", "  indented stays"),
        ("tab\tstays", "tab\tstays"),
        ("你好，世界", "你好，世界"),
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
        ("e\u0301 stays as typed", "e\u0301 stays as typed"),
        ("\u202eright to left\u202c", "\u202eright to left\u202c"),
        ("Z" + "\u0351" * 200, "Z" + "\u0351" * 200),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_a_text_is_kept_as_written_but_for_its_ends(raw: str, kept: str) -> None:
    assert clean_body(raw) == kept


@pytest.mark.parametrize(
    "body",
    [
        "x" * LIMIT,
        "😀" * LIMIT,
        "汉" * LIMIT,
        "[" * LIMIT,
        "x" + "\n" * (LIMIT - 2) + "x",
        "x" * LIMIT + " \n ",
    ],
    ids=["letters", "emoji", "han", "brackets", "newlines", "white space beyond"],
)
def test_the_limit_counts_characters_and_is_reached(body: str) -> None:
    assert len(clean_body(body)) == LIMIT


@pytest.mark.parametrize("character", ["x", "😀", "["])
def test_one_beyond_the_limit_is_refused_with_the_limit(character: str) -> None:
    with pytest.raises(errors.BodyTooLongError) as refusal:
        clean_body(character * (LIMIT + 1))
    assert str(LIMIT) in refusal.value.text.replace(",", "")


@pytest.mark.parametrize(
    "nothing",
    ["", " ", "\n" * LIMIT, "\t \n", "\u200b\u200d\u2060", "\ufeff", "\u3164", "\u2800" * 3]
    + ["\u00a0\u3000", "\u00ad", "\u202e\u202c", "\U000e0020\U000e007f", "\uffa0", "\ue000"],
    ids=shown,
)
def test_what_nobody_could_see_is_nothing_to_send(nothing: str) -> None:
    with pytest.raises(errors.EmptyBodyError):
        clean_body(nothing)


@pytest.mark.parametrize(
    "bad", ["a\x00b", "a\x1b[31m", "bell\x07", "\x7f", "half \ud800 pair", "\udc00"], ids=shown
)
def test_what_cannot_be_stored_or_printed_is_refused(bad: str) -> None:
    with pytest.raises(errors.BadTextError):
        clean_body(bad)


@pytest.mark.parametrize("body", ["[" * 16_000, "\u200b" * 16_000, "\n" * 16_000], ids=shown)
def test_judging_a_frame_full_of_anything_takes_no_time(body: str) -> None:
    started = time.process_time()
    with pytest.raises(errors.ChatError):
        clean_body(body)
    assert time.process_time() - started < 0.1
