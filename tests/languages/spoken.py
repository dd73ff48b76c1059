"""What a reader sees or hears of a page: its texts, labels, titles, placeholders, buttons."""

from __future__ import annotations

import re
from html.parser import HTMLParser

LETTERS = re.compile(r"[^\W\d_]{2,}")
ATTRIBUTES = {"title", "aria-label", "aria-description", "placeholder", "alt"}
# Names of keys are on the keys themselves.
SILENT = {"script", "style", "kbd"}


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
