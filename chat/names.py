"""Names that people give themselves: cleaned, and told apart by how they look.

The rules follow RFC 8266 (nicknames; by precis-i18n) and Unicode's UTS #39
(security mechanisms; the table of look-alikes is the Unicode consortium's, as
shipped by confusable_homoglyphs).
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.resources import files

import precis_i18n
from django.utils.translation import gettext_lazy as _

from chat.errors import BadNameError
from chat.reserved_names import RESERVED_NAMES

MAX_NAME_CHARS = 40
MAX_MARKS_IN_A_ROW = 2
"""Thai needs two marks on one letter; a tower of them needs more."""
MAX_SKELETON_CHARS = 255

_NICKNAME = precis_i18n.get_profile("NicknameCasePreserved")
# Category (UAX #44) to what is wrong with it. A lone surrogate is no character at all.
_REFUSED_CATEGORIES = {
    "Cc": _("A name cannot have control characters or line breaks."),
    "Zl": _("A name cannot have control characters or line breaks."),
    "Zp": _("A name cannot have control characters or line breaks."),
    "Cf": _("A name cannot have invisible characters or ones that turn the text around."),
    "Cs": _("A name cannot have broken characters."),
    "Co": _("A name cannot have characters that have no agreed meaning."),
    "Cn": _("A name cannot have characters that have no agreed meaning."),
    "Me": _("A name cannot have marks that enclose other characters."),
}
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs"}


def clean_name(raw: str) -> str:
    """Return ``raw`` as it will be kept and shown: NFKC, trimmed, single spaces.

    Raises BadNameError with a sentence that says what is wrong. Whether the
    name is free is not judged here but by the unique ``name_skeleton``.
    """
    name = _fold_spaces(unicodedata.normalize("NFKC", raw))
    _check_length(name)
    _check_characters(name)
    _check_marks(name)
    if not any(unicodedata.category(char)[0] in "LN" for char in name):
        raise BadNameError(_("A name needs at least one letter or digit."))
    if "@" in name:
        raise BadNameError(_("A name cannot have an @: it would look like an e-mail address."))
    if _bare(name) in _reserved_skeletons():
        raise BadNameError(_("This name is kept for the site itself. Please choose another."))
    return _enforce_nickname(name)


def skeleton(name: str) -> str:
    """Return what ``name`` looks like: equal skeletons cannot be told apart by eye.

    UTS #39, section 4, and on top of it blind to the case of letters. Takes any
    text, also one that ``clean_name`` refuses, so that it can serve to look up
    what somebody typed. At most ``MAX_SKELETON_CHARS`` characters.
    """
    seen, before = _drop_invisible(name), ""
    while seen != before:
        before, seen = seen, _look(seen).casefold()
    return seen[:MAX_SKELETON_CHARS]


def _look(text: str) -> str:
    """One pass of the table: each character becomes the plainest one that looks like it."""
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(_prototype(char) for char in apart)
    # The capital I looks like l, and case must not matter: so i, I, l and 1 are one.
    return _fold_spaces(unicodedata.normalize("NFKC", plain.replace("i", "l")))


@cache
def _alike() -> dict[str, list[str]]:
    """Character to those that look like it. The file lists each pair from both sides."""
    table = json.loads((files("confusable_homoglyphs") / "confusables.json").read_text("utf-8"))
    return {
        _drop_invisible(char): [_drop_invisible(other["c"]) for other in others]
        for char, others in table.items()
    }


@cache
def _prototype(char: str) -> str:
    """The one that stands for all that look like ``char``.

    In Unicode's table every look-alike points at its prototype alone, and a
    prototype is pointed at by many, or is a sequence such as ``rn`` for ``m``.
    """
    others = _alike().get(char, [])
    if len(others) != 1:
        return char
    (other,) = others
    is_prototype = len(other) > 1 or len(_alike().get(other, [])) > 1 or other < char
    return other if is_prototype else char


def _fold_spaces(text: str) -> str:
    """Trim, and make every run of spaces one. Line breaks are left, to be refused."""
    folded = "".join(" " if unicodedata.category(char) == "Zs" else char for char in text)
    return " ".join(word for word in folded.split(" ") if word)


def _drop_invisible(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE_CATEGORIES)


def _check_length(name: str) -> None:
    if not name:
        raise BadNameError(_("Please choose a name."))
    if len(name) > MAX_NAME_CHARS:
        raise BadNameError(_("A name has at most 40 characters."))


def _check_characters(name: str) -> None:
    for char in name:
        if sentence := _REFUSED_CATEGORIES.get(unicodedata.category(char)):
            raise BadNameError(sentence)


def _check_marks(name: str) -> None:
    in_a_row = MAX_MARKS_IN_A_ROW  # a name does not begin with a mark on nothing
    for char in name:
        in_a_row = in_a_row + 1 if unicodedata.category(char) == "Mn" else 0
        if in_a_row > MAX_MARKS_IN_A_ROW:
            raise BadNameError(_("A name cannot have so many marks on one letter."))


def _enforce_nickname(name: str) -> str:
    try:
        return str(_NICKNAME.enforce(name))
    except UnicodeEncodeError as error:
        char = error.object[error.start]
        raise BadNameError(_("A name cannot have the character “%s”.") % char) from error


def _bare(name: str) -> str:
    """The skeleton of the letters and digits alone: ``a.d_m-1 n`` is ``admin``."""
    return skeleton("".join(c for c in name if unicodedata.category(c)[0] in "LN"))


@cache
def _reserved_skeletons() -> frozenset[str]:
    return frozenset(_bare(name) for name in RESERVED_NAMES)
