"""Reads translators' files: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOCALE = ROOT / "chat" / "locale"
LOCALES = ("zh_Hans", "zh_Hant")
DOMAINS = ("django", "djangojs")


@dataclass
class Entry:
    """One sentence, or one with its plural, and what stands for it."""

    parts: dict[str, str] = field(default_factory=dict)
    flags: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What it is looked up by: context and sentence."""
        return self.parts.get("msgctxt", ""), self.parts["msgid"]

    @property
    def plural(self) -> str | None:
        return self.parts.get("msgid_plural")

    @property
    def translations(self) -> list[str]:
        """The forms, in order; one where there is no plural."""
        return [text for name, text in sorted(self.parts.items()) if name.startswith("msgstr")]


def po_path(locale: str, domain: str, folder: Path = LOCALE) -> Path:
    return folder / locale / "LC_MESSAGES" / f"{domain}.po"


def entries(path: Path) -> list[Entry]:
    """Return all entries but the header."""
    found: list[Entry] = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        entry = Entry()
        name = ""
        for line in block.splitlines():
            if line.startswith("#"):
                entry.flags += line if line.startswith("#,") else ""
            elif line.startswith("msg"):
                name, _, text = line.partition(" ")
                entry.parts[name] = ast.literal_eval(text)
            elif line:
                entry.parts[name] += ast.literal_eval(line)
        if entry.parts.get("msgid"):
            found.append(entry)
    return found


def all_entries() -> list[tuple[str, Entry]]:
    """Return every entry of every catalogue with its locale."""
    return [
        (locale, entry)
        for locale in LOCALES
        for domain in DOMAINS
        for entry in entries(po_path(locale, domain))
    ]
