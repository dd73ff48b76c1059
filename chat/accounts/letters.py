"""E-mails: written once, as text; the HTML form is made from the text.

A paragraph that is nothing but an address becomes a button, everything else stays
a paragraph. So the two can never say different things.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string

_URL = re.compile(r"https?://\S+")
_GAP = re.compile(r"\n\s*\n+")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a letter; ``link`` is its address if it is nothing but one."""

    lines: list[str]
    link: str


def tidy(body: str) -> str:
    """One empty line between paragraphs, none at the ends: templates leave many."""
    return "\n\n".join(_split(body)) + "\n"


def as_html(body: str, subject: str, language: str) -> str:
    """The letter as a small HTML page in the look of the site."""
    paragraphs = [
        Paragraph(text.splitlines(), text if _URL.fullmatch(text) else "") for text in _split(body)
    ]
    context = {
        "paragraphs": paragraphs,
        "subject": subject,
        "language": language,
        "site_name": settings.SITE_NAME,
    }
    return render_to_string("account/email/letter.html", context)


def _split(body: str) -> list[str]:
    return [part.strip() for part in _GAP.split(body.replace("\r\n", "\n")) if part.strip()]
