"""A text becomes the same terms whoever writes it, in every script. No database is asked."""

from __future__ import annotations

import itertools
import unicodedata

import pytest

from chat.search.terms import terms
from tests.conftest import shown

TERMS = {
    # Words, numbers, addresses
    "Hello, World!": "hello world",
    "don't": "don t",
    "snake_case": "snake case",
    "3.14 and 1,000": "3 14 and 1 000",
    "https://example.org/a-b?c=1#d": "https example org a b c 1 d",
    "ada@example.org": "ada example org",
    # Accents go, and letters that only look composed are written as people type them
    "Crème Brûlée": "creme brulee",
    "Straße, STRASSE": "strasse strasse",
    "smørrebrød Łódź œuvre": "smorrebrod lodz oeuvre",
    "İstanbul ılık": "istanbul ilik",
    "ΣΊΣΥΦΟΣ Σίσυφος": "σισυφοσ σισυφοσ",
    "Ёлка мой": "елка мой",
    "ế": "e",
    # Full width, half width, ligatures, numbers in circles
    "Ｈｅｌｌｏ　１２": "hello 12",
    "ﬁne ① x²": "fine 1 x2",
    # Arabic and Hebrew without the points, Persian as it is typed
    "مُحَمَّد": "محمد",
    "أحمد": "احمد",
    "می‌خواهم": "ميخواهم",
    "کتاب": "كتاب",
    "٣٤": "34",
    "שָׁלוֹם עולם": "שלום עולם",
    "צה״ל": "צה ל",
    # Signs of Indic vowels are part of their words
    "हिन्दी में लिखो": "हिन्दी में लिखो",
    "தமிழ்": "தமிழ்",
    # Pairs that overlap, and the character that ends the run
    "手沖咖啡": "手沖 沖咖 咖啡 啡",
    "好": "好",
    "我用 Django 寫": "我用 用 django 寫",
    "中文，標點。": "中文 文 標點 點",
    "カタカナ": "カタ タカ カナ ナ",
    "ｶﾞﾗｽ": "ガラ ラス ス",
    "食べる": "食べ べる る",
    "が": "が",
    "안녕하세요 세계": "안녕 녕하 하세 세요 요 세계 계",
    "ครับ": "คร รั ับ บ",
    "ຂອບໃຈ": "ຂອ ອບ ບໃ ໃຈ ຈ",
    "កម្ពុជា": "កម ម្ ្ព ពុ ុជ ជា ា",
    # Emoji, whatever was done to them
    "ok👍🏽!": "ok 👍",
    "👩‍💻": "👩 💻",
    "❤️ 1️⃣": "❤ 1",
    "🇹🇼": "🇹 🇼",
    # Nothing to be found by
    "": "",
    " \n\t": "",
    '"*%_()': "",
    "…—？！": "",
    "\u200b\u200d\ufeff": "",
    "\x00\x7f": "",
    "\ud800": "",
}


@pytest.mark.parametrize("text", TERMS, ids=shown)
def test_a_text_becomes_its_terms(text: str) -> None:
    assert " ".join(terms(text)) == TERMS[text]


@pytest.mark.parametrize("text", TERMS, ids=shown)
def test_it_does_not_matter_how_a_text_is_composed(text: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert terms(unicodedata.normalize(form, text)) == terms(text)


@pytest.mark.parametrize("text", TERMS, ids=shown)
def test_no_term_has_what_a_database_would_read_as_more_than_a_term(text: str) -> None:
    for term in terms(text):
        assert term
        assert not set(term) & set(" \"'\\*:&|!()<>-\x00§")


def test_terms_of_two_texts_are_the_terms_of_both() -> None:
    texts = list(TERMS)
    for one, other in itertools.pairwise(texts):
        assert terms(f"{one}\n{other}") == terms(one) + terms(other)


def test_no_character_at_all_makes_a_term_that_is_none() -> None:
    every = "é".join(map(chr, range(0x110000)))
    characters = {character for term in set(terms(every)) for character in term}
    assert not characters & set(" \"'\\*:&|!()<>-\x00§")
    assert not any(character.isspace() for character in characters)


@pytest.mark.parametrize("text", ["x" * 4000, "字" * 4000, "😀" * 4000, "a\u0301" * 2000])
def test_the_longest_text_has_no_more_terms_than_characters(text: str) -> None:
    assert 0 < len(terms(text)) <= 4000
