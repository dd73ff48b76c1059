"""Speak to one person in their language, outside of a request."""

from __future__ import annotations

from django.utils import translation


def speaking(language: str) -> translation.override:
    """Return a context in which sentences come out in ``language``; "" is the site's own."""
    return translation.override(language or None)
