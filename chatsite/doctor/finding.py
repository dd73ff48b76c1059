"""What the doctor found: a sentence, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``is_wrong``: it has to be mended; else it is worth knowing."""

    sentence: str
    remedy: str
    is_wrong: bool = True


Look = Callable[[], Iterator[Finding]]
"""Looks at one thing; yields nothing where it is well."""


def wrong(sentence: str, remedy: str) -> Finding:
    """Return what has to be mended."""
    return Finding(sentence, remedy)


def worth_knowing(sentence: str, remedy: str) -> Finding:
    """Return what does no harm as things are, or not yet."""
    return Finding(sentence, remedy, is_wrong=False)
