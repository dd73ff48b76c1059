"""Word rules: whether a text says what it must not, in time that grows with its length only.

Every rule becomes a regular expression of RE2, which cannot run away on any text
(https://github.com/google/re2). A text is compared as people read it: full width is
half width, case does not count, and invisible characters hide nothing.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import re2

from chat import errors
from chat.models import WordRule

logger = logging.getLogger(__name__)

MEMORY_BYTES = 8 * 1024 * 1024
"""For one rule's automaton at most; RE2 goes on more slowly where it needs more."""
_OPTIONS = re2.Options()
_OPTIONS.max_mem = MEMORY_BYTES
_OPTIONS.log_errors = False
_WORD = r"[\pL\pN\pM_]"
_STRENGTH = {WordRule.Outcome.REFUSE: 2, WordRule.Outcome.HOLD: 1, WordRule.Outcome.REPORT: 0}


# Invisible, though Unicode calls them letters and marks (Default_Ignorable_Code_Point, UAX #44).
_IGNORABLE = frozenset(
    chr(code)
    for first, last in (
        *((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
        *((0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0)),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)
_INNOCENT = ("a", "7", "好", "Hello.")


def as_read(text: str) -> str:
    """Return ``text`` as a reader sees it: NFKC, without case and invisible characters."""
    if text.isascii():
        return text.casefold()
    seen = "".join(c for c in text if c not in _IGNORABLE and unicodedata.category(c) != "Cf")
    # Twice: what was invisible stood between a letter and its mark, and so may case have.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())


def compile_pattern(kind: str, pattern: str) -> re2._Regexp:
    """Return the expression of a rule. Raises ``BadPatternError``."""
    try:
        expression = re2.compile(_expression(kind, pattern), _OPTIONS)
    except (re2.error, UnicodeEncodeError) as error:
        raise errors.BadPatternError from error
    matches_nothing = expression.search("") is not None
    if matches_nothing or all(expression.search(as_read(text)) for text in _INNOCENT):
        # It would match every text there is.
        raise errors.BadPatternError
    return expression


def _expression(kind: str, pattern: str) -> str:
    if kind == WordRule.Kind.REGEX:
        # As it stands: case is folded already, and a folded pattern would turn \S into \s.
        return f"(?i:{pattern})"
    read = as_read(pattern.strip())
    body = "".join(_letter(kind, letter) for letter in read)
    return f"{_edge(read[:1])}(?:{body}){_edge(read[-1:], at_end=True)}" if read else ""


def _letter(kind: str, letter: str) -> str:
    if kind == WordRule.Kind.WILDCARD and letter in "*?":
        return f"{_WORD}{letter}" if letter == "*" else _WORD
    return r"\s+" if letter.isspace() else re2.escape(letter)


def _edge(letter: str, *, at_end: bool = False) -> str:
    """A word's edge, so that "ass" is not found in "class"; Chinese has none to find."""
    if not letter.isalnum() or unicodedata.name(letter, "").startswith(
        ("CJK", "HIRAGANA", "KATAKANA", "THAI", "HANGUL")
    ):
        return ""
    return r"(?:[^\pL\pN\pM_]|$)" if at_end else r"(?:^|[^\pL\pN\pM_])"


@dataclass(frozen=True, slots=True)
class Rule:
    """A word rule, ready to be asked."""

    pk: int
    outcome: str
    sentence: str
    pattern: str
    room_id: int | None
    expression: re2._Regexp

    @property
    def refusal(self) -> errors.ChatError:
        """What the author reads where the rule refuses."""
        return errors.RefusedWordsError(self.sentence or None)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules in force, as they stood at ``revision`` of the site."""

    revision: int
    rules: Sequence[Rule]

    def judge(self, room_id: int, text: str) -> Rule | None:
        """Return the strictest rule that ``text`` breaks in a room; None where it breaks none."""
        asked = [rule for rule in self.rules if rule.room_id in (None, room_id)]
        if not asked:
            return None
        read = as_read(text)
        broken = [rule for rule in asked if rule.expression.search(read) is not None]
        return max(broken, key=lambda rule: _STRENGTH[WordRule.Outcome(rule.outcome)], default=None)


_lock = Lock()
_kept = RuleSet(-1, ())


def kept_rules() -> RuleSet:
    """Return the rules that this process read last; no database is asked."""
    return _kept


def rules_at(revision: int) -> RuleSet:
    """Return the rules of ``revision`` of the site, read where they are newer than the kept."""
    global _kept  # noqa: PLW0603 - one set a process, swapped whole
    with _lock:
        if _kept.revision != revision:
            _kept = RuleSet(revision, _read_rules())
        return _kept


def _read_rules() -> list[Rule]:
    return [
        ready
        for rule in WordRule.objects.filter(is_active=True)
        if (ready := _ready(rule)) is not None
    ]


def _ready(rule: WordRule) -> Rule | None:
    """Return the rule to be asked; None where this version cannot read its pattern any more."""
    try:
        expression = compile_pattern(rule.kind, rule.pattern)
    except errors.BadPatternError:
        # Made by another version. Nobody could post if one rule stopped all.
        logger.warning("word rule %s cannot be used: its pattern is not understood", rule.pk)
        return None
    return Rule(
        pk=rule.pk,
        outcome=rule.outcome,
        sentence=rule.sentence,
        pattern=rule.pattern,
        room_id=rule.room_id,
        expression=expression,
    )
