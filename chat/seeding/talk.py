"""What is said: conversations written down in ``talk/``, with their blanks filled in.

A file is made of conversations with an empty line between them. A line ``A: text`` is said
by somebody; the same letter is the same person until the conversation ends. A line that
begins with two spaces goes on with the message above it. ``{city}`` stands for one of the
words after ``city =`` at the top of the file, the same one throughout a conversation.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "talk"
_BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Line:
    """One message of a conversation: who of those who take part says it, and what."""

    speaker: str
    text: str


@dataclass(frozen=True)
class Talk:
    """A file: its conversations, and the words that their blanks may be filled with."""

    conversations: list[list[Line]]
    words: dict[str, list[str]]


def read_talk(name: str) -> Talk:
    """Return what ``talk/<name>.txt`` holds."""
    head, *parts = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").strip().split("\n\n")
    words = {}
    for line in head.splitlines():
        blank, _, choices = line.partition(" = ")
        words[blank] = [choice.strip() for choice in choices.split("|")]
    return Talk([_conversation(part) for part in parts], words)


def _conversation(part: str) -> list[Line]:
    lines: list[Line] = []
    for text in part.strip("\n").splitlines():
        if text.startswith("  "):
            before = lines.pop()
            lines.append(Line(before.speaker, f"{before.text}\n{text[2:]}"))
        else:
            speaker, _, said = text.partition(": ")
            lines.append(Line(speaker, said))
    return lines


def conversations(
    talk: Talk, chance: random.Random, *, shuffled: bool = True
) -> Iterator[list[Line]]:
    """Go on for ever: each conversation once, then all anew; ``shuffled`` each time.

    The second time a conversation has other words in its blanks and other people in it.
    """
    turns: dict[str, int] = {}
    while True:
        deck = list(talk.conversations)
        if shuffled:
            chance.shuffle(deck)
        for conversation in deck:
            filled = {}
            for blank, choices in talk.words.items():
                if any(f"{{{blank}}}" in line.text for line in conversation):
                    # One after the other, so that the same words are long in coming back.
                    turn = turns[blank] = turns.get(blank, chance.randrange(len(choices))) + 1
                    filled[blank] = choices[turn % len(choices)]
            yield [Line(line.speaker, _fill(line.text, filled)) for line in conversation]


def _fill(text: str, words: dict[str, str]) -> str:
    return _BLANK.sub(lambda blank: words.get(blank.group(1), blank.group(0)), text)
