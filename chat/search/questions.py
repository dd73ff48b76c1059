"""What somebody typed to search for, taken apart by us: no database ever parses it.

Words are all to be there. Words in quotes follow one another, and so do the parts of one
word (``don't``, ``3.14``, 手沖咖啡). The last word is taken as the beginning of one. There is
no other syntax, so nothing that is typed can be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chat.search.terms import is_paired, terms

MAX_QUESTION_CHARS = 200
"""What is typed beyond this is not looked at."""
_PARTS = re.compile(r'(?<!\S)"(?P<quoted>[^"]*)(?P<end>"?)|(?P<word>\S+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟＂「」『』", '"'))
_PREFIX_CHARS = 2
"""So much of a word must be typed to be its beginning: everything begins with some letter."""


@dataclass(frozen=True)
class Phrase:
    """Terms that follow one another; with ``is_prefix`` the last is only begun."""

    terms: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True)
class Question:
    """Phrases that are all to be found, somewhere in a text."""

    phrases: tuple[Phrase, ...] = ()

    def fits(self, found: Sequence[str]) -> bool:
        """Whether a text with these terms answers the question."""
        text = f" {' '.join(found)} "
        return all(
            f" {' '.join(phrase.terms)}{'' if phrase.is_prefix else ' '}" in text
            for phrase in self.phrases
        )

    @property
    def is_begun(self) -> bool:
        """Whether a term of it is only begun."""
        return any(phrase.is_prefix for phrase in self.phrases)

    @property
    def whole(self) -> Question:
        """The question without what is only begun; more may answer it."""
        whole = (
            Phrase(phrase.terms[:-1]) if phrase.is_prefix else phrase for phrase in self.phrases
        )
        return replace(self, phrases=tuple(phrase for phrase in whole if phrase.terms))


def ask(text: str) -> Question:
    """Return the question that ``text`` puts. It has no phrase where nothing can be found."""
    typed = text[:MAX_QUESTION_CHARS].translate(_QUOTES).strip()
    parts = list(_PARTS.finditer(typed))
    phrases = []
    for part in parts:
        is_open = part is parts[-1] and not part["end"]
        found = terms(part["word"] or part["quoted"] or "")
        if found:
            phrases.append(_phrase(found, is_open=is_open))
    return Question(tuple(phrases))


def _phrase(found: list[str], *, is_open: bool) -> Phrase:
    last = found[-1]
    if is_paired(last):
        # The last character ends its run here, but may be followed by others in a text: a
        # pair says all of it already, and one that is alone is the beginning of a pair.
        ends_a_pair = len(found) > 1 and len(found[-2]) > 1 and is_paired(found[-2])
        return Phrase(tuple(found[:-1])) if ends_a_pair else Phrase(tuple(found), is_prefix=True)
    return Phrase(tuple(found), is_prefix=is_open and len(last) >= _PREFIX_CHARS)
