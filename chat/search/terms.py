"""A text becomes terms: by this one function when it is indexed and when it is asked for.

Words of scripts with spaces are terms as they are: NFKC, case folded, without the marks
that people leave out when they type. Scripts without spaces, and Korean, become overlapping
pairs: 手沖咖啡 is 手沖, 沖咖, 咖啡 and, to end the run, 啡. So a single character is always
the beginning of some term, and any part of a run is a row of terms that follow one another.
"""

from __future__ import annotations

import re
import unicodedata

# Han, kana, bopomofo and hangul; then the scripts of South-East Asia that set no spaces.
_PAIRED = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3040-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\ua4cf\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u1b00-\u1b7f"
    "\ua980-\ua9ff\uaa60-\uaadf"
)
_RUN = re.compile(f"[{_PAIRED}]+|[^{_PAIRED} ]+")
_PAIRED_CHARACTER = re.compile(f"[{_PAIRED}]")
_ASCII_WORD = re.compile("[a-z0-9]+")

# Marks that readers of these scripts leave out or may see either way: accents of Latin and
# Greek, points of Hebrew, vowels and hamza of Arabic; what only encloses or chooses a glyph.
# Signs of Indic vowels and the voicing of kana are letters to their readers, and stay.
_DROPPED = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
    "\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)
_MARKS_MAKE_LETTERS = re.compile("[\u0400-\u052f\u3040-\u30ff]")
"""й is no и, and が no か: Cyrillic and kana keep what is composed."""
_SAME = {
    **dict(zip("øłđħŧıё", "oldhtiе", strict=True)),
    "æ": "ae",
    "œ": "oe",
    # The same letters from Persian and from Arabic keyboards, and at the end of words.
    **dict(zip("ىیکة", "ييكه", strict=True)),
}
_ZERO_WIDTH_SPACE = "\u200b"
_NOT_CHARACTERS = {"Cn", "Co", "Cs"}


def terms(text: str) -> list[str]:
    """Return the terms of ``text`` in their order; none for what has no letter or emoji.

    A term has no white space, no punctuation and no capital letters.
    """
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    # Composed before, for what a mark makes of its letter, and after, for what NFKC takes apart.
    composed = unicodedata.normalize("NFC", text)
    plain = unicodedata.normalize("NFC", composed.translate(_PLAIN))
    found: list[str] = []
    for run in _RUN.findall(plain):
        if is_paired(run):
            found += [run[at : at + 2] for at in range(len(run))]
        else:
            found.append(run)
    return found


def is_paired(term: str) -> bool:
    """Whether ``term`` is of a script that becomes pairs."""
    return _PAIRED_CHARACTER.match(term) is not None


class _Plain(dict[int, str]):
    """What each character becomes, judged when it is first met: itself, a space, nothing."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if unicodedata.category(character) in _NOT_CHARACTERS:
            # There are a million of these; nobody fills our memory with them.
            return " "
        folded = unicodedata.normalize("NFKC", character).casefold()
        plain = self[code] = "".join(map(_plain, folded))
        return plain


_PLAIN = _Plain()


def _plain(character: str) -> str:
    """A letter, mark or digit as it is written plainly; a symbol between spaces, as a term."""
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if character in _SAME:
        return _SAME[character]
    if _DROPPED.match(character) or (category == "Cf" and character != _ZERO_WIDTH_SPACE):
        return ""
    if category == "So":
        return f" {character} "
    if category[0] not in "LMN":
        return " "
    if _MARKS_MAKE_LETTERS.match(character):
        return character
    apart = _DROPPED.sub("", unicodedata.normalize("NFD", character))
    return unicodedata.normalize("NFC", apart)
