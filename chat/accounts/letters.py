"""E-mails: written once, as text; the HTML form is made from the text.

A paragraph that is nothing but an address becomes a button, everything else stays
a paragraph. So the two can never say different things.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language

from chat.database import threads
from chat.language import speaking

logger = logging.getLogger(__name__)

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


def post(name: str, address: str, language: str, **context: Any) -> None:
    """Send a letter that nobody waits for, in the language of whom it is for.

    Whoever calls may hold the turn to write; a slow post office must not keep it.
    """
    threads("letters").submit(_send, name, address, language, context)


def _send(name: str, address: str, language: str, context: dict[str, Any]) -> None:
    context = {**context, "site_name": settings.SITE_NAME}
    with speaking(language):
        subject = render_to_string(f"{name}_subject.txt", context).strip()
        body = tidy(render_to_string(f"{name}_message.txt", context))
        letter = EmailMultiAlternatives(f"{subject} · {settings.SITE_NAME}", body, to=[address])
        html = as_html(body, str(letter.subject), get_language() or "en")
    letter.attach_alternative(html, "text/html")
    try:
        letter.send()
    except (SMTPException, OSError) as error:
        # Without the trace: a mail server's answer names the address.
        logger.warning("a letter (%s) was not sent: %s", name, type(error).__name__)


def _split(body: str) -> list[str]:
    return [part.strip() for part in _GAP.split(body.replace("\r\n", "\n")) if part.strip()]
