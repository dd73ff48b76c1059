"""What people type is taken apart by us, and whatever they type is a question."""

from __future__ import annotations

import pytest

from chat.search.questions import MAX_QUESTION_CHARS, Question, ask
from chat.search.terms import terms

ASKED = {
    "coffee": "coffee*",
    "black coffee": "black, coffee*",
    '"black coffee"': "black coffee",
    '"black cof': "black cof*",
    '"" tea': "tea*",
    '"black coffee" tea': "black coffee, tea*",
    "“black coffee” tea": "black coffee, tea*",
    "「black coffee」 tea": "black coffee, tea*",
    "don't panic": "don t, panic*",
    "it's": "it s",
    'say "hi': "say, hi*",
    'צה"ל': "צה ל",
    'a"b c"d': "a b, c d",
    "x": "x",
    "12": "12*",
    "手沖": "手沖",
    "手沖咖啡": "手沖 沖咖 咖啡",
    "手": "手*",
    "手 咖": "手*, 咖*",
    "手x": "手 x",
    "x手": "x 手*",
    '"喝手沖 coffee"': "喝手 手沖 沖 coffee",
    "👍": "👍",
    '"': "",
    "*": "",
    "%": "",
    "": "",
}


def written(question: Question) -> str:
    return ", ".join(" ".join(phrase.terms) + "*" * phrase.is_prefix for phrase in question.phrases)


@pytest.mark.parametrize("text", ASKED)
def test_a_question_is_phrases_that_are_all_to_be_found(text: str) -> None:
    assert written(ask(text)) == ASKED[text]


FITTING = [
    ("coffee at nine", "Coffee, at NINE?"),
    ("nine coffee", "Coffee, at nine?"),
    ("cof", "Coffee!"),
    ('"at nine"', "Coffee, at nine?"),
    ("don't", "I don’t know"),
    ("creme", "Crème"),
    ("CRÈME", "creme"),
    ("咖啡", "手沖咖啡好喝"),
    ("沖", "手沖咖啡好喝"),
    ("喝", "手沖咖啡好喝"),
    ("沖咖啡好", "手沖咖啡好喝"),
    ("하세", "안녕하세요"),
    ("요", "안녕하세요"),
    ("รับ", "สวัสดีครับ"),
    ("👍", "👍🏿"),
    ("3.14", "about 3.14"),
]
NOT_FITTING = [
    ("coffee tea", "coffee"),
    ("offee", "coffee"),
    ('"cof"', "coffee"),
    ('"nine at"', "at nine"),
    ("手咖", "手沖咖啡"),
    ("手沖啡", "手沖咖啡啡"),
    ("3.14", "14.3"),
    ("x", "xylophone"),
]


@pytest.mark.parametrize(("question", "text"), FITTING)
def test_a_text_answers_what_was_asked(question: str, text: str) -> None:
    assert ask(question).fits(terms(text))


@pytest.mark.parametrize(("question", "text"), NOT_FITTING)
def test_a_text_answers_nothing_else(question: str, text: str) -> None:
    assert not ask(question).fits(terms(text))


def test_of_a_question_without_end_only_the_beginning_is_looked_at() -> None:
    assert len(ask("x " * 10_000).phrases) == MAX_QUESTION_CHARS // 2
    assert ask("y" * 10_000).phrases[0].is_prefix
