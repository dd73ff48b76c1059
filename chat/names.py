"""Names that people give themselves: cleaned, and told apart by how they look."""

from __future__ import annotations

import unicodedata

MAX_NAME_CHARS = 40


def clean_name(raw: str) -> str:
    """Return ``raw`` as it will be kept."""
    return " ".join(unicodedata.normalize("NFKC", raw).split())


def skeleton(name: str) -> str:
    """Return what ``name`` looks like."""
    return clean_name(name).casefold()
