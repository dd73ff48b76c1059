"""What a reader sees or hears of a page: its texts, labels, titles, placeholders, buttons."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LETTERS = re.compile(r"[^\W\d_]{2,}")
ATTRIBUTES = {"title", "aria-label", "aria-description", "placeholder", "alt"}
# Names of keys are on the keys themselves.
SILENT = {"script", "style", "kbd"}


# The site's name, a language's own name, what has no other name; and "True" and "False",
# which Django's admin puts untranslated beside its marks.
ANYWHERE = {
    *("Chat", "English", "JavaScript", "PNG", "JPEG", "WebP", "GIF", "MB", "Enter", "Shift", "ID"),
    *("Shanghai", "Taipei", "Cookie", "IP", "True", "False", "UTC", "CSV", "PIN", "QR"),
}
WORD = re.compile(r"(?<![/\w.-])[A-Za-z]{2,}(?![\w./-])")
# What is typed so in every language: what a search is narrowed by, and addresses of the web.
TYPED = re.compile(r"\b(?:by|from|in):(?=\S)|\bhttps?://\S*")


def words(text: str) -> set[str]:
    """What of it is English."""
    return set(WORD.findall(TYPED.sub("", text))) - ANYWHERE


def foreign(html: str) -> list[str]:
    """The pieces of a page that have English in them."""
    return [text for text in Spoken(html).words if words(text)]


class Spoken(HTMLParser):
    """``words`` are the pieces that have letters, in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        is_button = ("type", "submit") in attrs or ("type", "button") in attrs
        for name, value in attrs:
            if name in ATTRIBUTES or (name == "value" and tag == "input" and is_button):
                self._hear(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._hear(data)

    def _hear(self, text: str) -> None:
        if LETTERS.search(text):
            self.words.append(text.strip())
