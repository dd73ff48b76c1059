"""The text of a message: what may be stored, and what is refused with which sentence."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from chat import errors, protocol

# C0 controls and DEL but for tab and line feed: PostgreSQL cannot store NUL, and the
# others have no business in a text that terminals will print.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Co"}
# Hangul fillers and the braille blank are letters by category, and blank by look.
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def clean_body(raw: str) -> str:
    """Return ``raw`` as it will be stored: line ends as ``\\n``, ends trimmed.

    Raises ``BadTextError`` (controls, lone surrogates), ``EmptyBodyError`` (nothing
    visible) or ``BodyTooLongError`` (over ``protocol.MAX_BODY_CHARS`` characters).
    """
    body = raw.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROLS.search(body) or not _is_unicode(body):
        raise errors.BadTextError
    body = body.rstrip().lstrip("\n")
    if len(body) > protocol.MAX_BODY_CHARS:
        raise errors.BodyTooLongError(
            _("The message is too long: at most %(limit)s characters fit.")
            % {"limit": protocol.MAX_BODY_CHARS}
        )
    if not has_visible(body):
        raise errors.EmptyBodyError
    return body


def _is_unicode(text: str) -> bool:
    """Whether ``text`` can be written as UTF-8: a lone surrogate cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def has_visible(text: str) -> bool:
    """Whether a reader would see anything at all."""
    return any(
        unicodedata.category(character) not in _INVISIBLE_CATEGORIES
        and character not in _BLANK_LETTERS
        for character in text
    )
