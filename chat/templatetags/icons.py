"""``{% icon "hash" %}``: a Lucide icon, inlined, so that it takes the colour of its text.

The drawings are in ``static/chat/icons`` (Lucide 1.62, ISC licence beside them).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
ICONS = Path(__file__).resolve().parent.parent / "static" / "chat" / "icons"


@cache
def _drawing(name: str) -> str:
    if not name.replace("-", "").isalnum():
        raise ValueError(f"{name!r} is not the name of an icon.")
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8").strip()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """The drawing called ``name``; hidden from screen readers unless it has a ``label``.

    Raises FileNotFoundError for a name that is not in ``static/chat/icons``.
    """
    said = format_html('role="img" aria-label="{}"', conditional_escape(label))
    facts = said if label else 'aria-hidden="true"'
    # Our own files, read from the package: safe to mark as such.
    return mark_safe(_drawing(name).replace("<svg ", f"<svg {facts} ", 1))  # noqa: S308
