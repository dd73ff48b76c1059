"""What stands for a person where they have no picture: initials on their colour."""

from __future__ import annotations

import re

HUE_STEP = 15
"""Degrees between two colours of ``css/avatar.css``."""

# Han, kana and Hangul: scripts whose names are told apart by their last characters.
_IDEOGRAPHS = re.compile(
    r"[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    r"\U00020000-\U0003ffff]"
)
_WORD = re.compile(r"\w", re.UNICODE)


def initials(name: str) -> str:
    """The last two characters of a Chinese name; else the first letters of two words.

    >>> initials("王小明"), initials("Ada Lovelace"), initials("bob")
    ('小明', 'AL', 'B')
    """
    letters = [char for char in name if _WORD.match(char)]
    if letters and _IDEOGRAPHS.match(letters[-1]):
        return "".join(char for char in letters if _IDEOGRAPHS.match(char))[-2:]
    words = [found.group() for word in name.split() if (found := _WORD.search(word))]
    chosen = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(chosen).upper()[:2] or "?"


def hue_class(hue: int) -> str:
    """The class of ``css/avatar.css`` for a hue of 0 to 359 degrees."""
    return f"hue-{hue % 360 // HUE_STEP}"


def hue_of(name: str) -> int:
    """A colour for a new person, from their name: the same name, the same colour."""
    total = 0
    for char in name:
        total = (total * 31 + ord(char)) % 0x1_0000_0000
    return total % 24 * HUE_STEP
