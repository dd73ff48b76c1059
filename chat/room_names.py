"""Names and topics of rooms: cleaned, and compared without regard to case."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext_lazy as _

from chat import errors, protocol
from chat.text import has_visible

# Controls, format characters (bidi, zero width), surrogates, private use, line ends.
_REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _clean_line(raw: str, limit: int) -> str:
    # Line breaks and tabs are white space to a person who pastes; fold them first.
    line = " ".join(unicodedata.normalize("NFC", raw).split())
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in line):
        # U+200D and U+FE0F build emoji and Indic letters; alone they are harmless.
        allowed = line.replace("\u200d", "").replace("\u200c", "")
        if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in allowed):
            raise errors.BadNameError(_("That has characters that cannot be seen."))
    if len(line) > limit:
        raise errors.BadNameError(
            _("That is too long: at most %(limit)s characters fit.") % {"limit": limit}
        )
    return line


def clean_room_name(raw: str) -> str:
    """Return the name as it will be kept. Raises ``BadNameError``."""
    name = _clean_line(raw, protocol.MAX_ROOM_NAME_CHARS)
    if not has_visible(name):
        raise errors.BadNameError(_("A room needs a name that can be seen."))
    return name


def clean_topic(raw: str) -> str:
    """Return the topic as it will be kept; it may be empty. Raises ``BadNameError``."""
    return _clean_line(raw, protocol.MAX_TOPIC_CHARS)


def name_key(name: str) -> str:
    """Return what two open rooms may not share: the name in NFKC, case folded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
