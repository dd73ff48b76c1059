"""Variables read one by one and judged: a wrong one becomes a sentence, not a traceback."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar
from urllib.parse import SplitResult, urlsplit

import environ

_LINE = re.compile(r"\s*(?:#.*)?|(?:export )?([A-Za-z_][A-Za-z_0-9]*)=.*")
_YES = frozenset({"1", "yes", "true", "on"})
_NO = frozenset({"0", "no", "false", "off"})


class SettingsError(Exception):
    """The operator's answers cannot be used. Its text is one sentence a line."""

    def __init__(self, refusals: Iterable[str]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("\n".join(self.refusals))


def load(env_file: Path) -> dict[str, str]:
    """Return the process environment, with ``env_file`` for what it does not say.

    Raises ``SettingsError`` for a file that cannot be read as ``NAME=value`` lines.
    """

    class Reader(environ.Env):
        # Ours alone: the file must not leak into the environment of child processes.
        ENVIRON: ClassVar[dict[str, str]] = dict(os.environ)

    if env_file.is_file():
        lines = _lines(env_file)
        wrong = [n for n, line in enumerate(lines, 1) if not _LINE.fullmatch(line)]
        if wrong:
            raise SettingsError(
                f"{env_file.name}, line {n}, is not of the form NAME=value "
                "(no spaces around the equals sign; a comment starts with #)."
                for n in wrong
            )
        Reader.read_env(env_file)
    return Reader.ENVIRON


def names_in(env_file: Path) -> list[str]:
    """The names that the file gives a value to."""
    if not env_file.is_file():
        return []
    found = (_LINE.fullmatch(line) for line in _lines(env_file))
    return [match[1] for match in found if match and match[1]]


def _lines(env_file: Path) -> list[str]:
    try:
        return env_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{env_file.name} cannot be read: {error}."]) from error


class Variables:
    """Reads values by name and collects what is wrong with them in ``refusals``.

    A wrong value yields the default, so that all the wrong ones are told at once.
    An empty value counts as not given.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._asked: set[str] = set()
        self.refusals: list[str] = []

    def refuse(self, name: str, allowed: str, *, shown: str | None = None) -> None:
        """Note that ``name`` is wrong. ``shown`` replaces a value that is a secret."""
        value = self._values.get(name, "") if shown is None else shown
        self.refusals.append(f"{name} is “{value}”, but must be {allowed}.")

    def refuse_misspelt(self, names: Iterable[str]) -> None:
        """Refuse what was never asked for, and looks like something that was.

        Other names are let be: the file may serve other programs too.
        """
        for name in names:
            meant = difflib.get_close_matches(name.upper(), self._asked, n=1, cutoff=0.75)
            if name not in self._asked and meant:
                self.refusals.append(f"{name} in .env is no setting of ours. Is {meant[0]} meant?")

    def text(self, name: str, default: str = "") -> str:
        self._asked.add(name)
        return self._values.get(name, "").strip() or default

    def words(self, name: str) -> list[str]:
        """The parts of a list with commas between them."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        text = self.text(name)
        if not text:
            return default
        # int() takes "1_000" and "１２" too; an operator who writes those made a mistake.
        if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
            return int(text)
        self.refuse(name, f"a whole number from {least} to {most}")
        return default

    def yes_no(self, name: str, *, default: bool = False) -> bool:
        text = self.text(name).lower()
        if not text:
            return default
        if text not in _YES | _NO:
            self.refuse(name, "1 (yes) or 0 (no)")
        return text in _YES

    def choice(self, name: str, default: str, choices: Iterable[str]) -> str:
        text = self.text(name, default)
        allowed = tuple(choices)
        for choice in allowed:
            if text.lower() == choice.lower():
                return choice
        self.refuse(name, f"one of: {', '.join(allowed)}")
        return default

    def url(self, name: str, text: str, schemes: Iterable[str], example: str) -> SplitResult | None:
        """Split ``text``; refuse it when its scheme or port is wrong. Passwords stay hidden."""
        allowed = tuple(schemes)
        try:
            parts = urlsplit(text)
            _ = parts.port  # raises for a port that is no number
        except ValueError:
            self.refuse(name, f"an address like {example}", shown="an address with a wrong port")
            return None
        if parts.scheme not in allowed:
            shown = f"{parts.scheme}://…" if "://" in text else "…"
            starts = " or ".join(f"{scheme}://" for scheme in allowed)
            self.refuse(name, f"an address that starts with {starts}, like {example}", shown=shown)
            return None
        return parts
