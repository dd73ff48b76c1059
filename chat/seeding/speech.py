"""Who says what in a room, and when: conversations are given to people who speak the language."""

from __future__ import annotations

import random
import re
from datetime import timedelta

from django.utils import timezone

from chat.actions.imports import ImportedMessage
from chat.models import User
from chat.seeding.cast import CAST, Place
from chat.seeding.talk import Line, conversations, read_talk
from chat.seeding.times import Clock

SCRIPTS = {
    "zh": re.compile(r"[\u3400-\u9fff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
}


def messages_of(chance: random.Random, cast: list[User], place: Place) -> list[ImportedMessage]:
    """Return everything that is said in a room, the oldest first."""
    said = _lines(chance, place)
    until = timezone.now() - timedelta(days=place.ended_days_ago)
    times = Clock(chance).times([is_first for _, _, is_first in said], until)
    return [
        ImportedMessage(cast[author].pk, f"seed-{place.talk}-{number:05d}", text, at)
        for number, ((author, text, _), at) in enumerate(zip(said, times, strict=True))
    ]


def _lines(chance: random.Random, place: Place) -> list[tuple[int, str, bool]]:
    """Author, as a place in the cast, text, and whether a conversation begins here."""
    said: list[tuple[int, str, bool]] = []
    talk = read_talk(place.talk)
    # What is over has a beginning and an end; elsewhere people talk of this and that.
    for conversation in conversations(talk, chance, shuffled=not place.is_over):
        speakers = _speakers(chance, place, conversation)
        for number, line in enumerate(conversation):
            said.append((speakers[line.speaker], line.text, number == 0))
        if len(said) >= place.messages:
            break
    return said[: place.messages]


def _speakers(chance: random.Random, place: Place, conversation: list[Line]) -> dict[str, int]:
    """Somebody for each letter: first for those whose language few in the room speak."""
    free = chance.sample(place.people, len(place.people))
    letters = sorted({line.speaker for line in conversation})
    wanted = {letter: _language(conversation, letter) for letter in letters}
    speakers = {}
    for letter in sorted(letters, key=lambda letter: wanted[letter] == "en"):
        fit = [one for one in free if wanted[letter] in CAST[one].speaks]
        speakers[letter] = (fit or free)[0]
        free.remove(speakers[letter])
    return speakers


def _language(conversation: list[Line], letter: str) -> str:
    text = " ".join(line.text for line in conversation if line.speaker == letter)
    # A name or a dish in another script does not make a sentence of that language.
    counts = {language: len(script.findall(text)) for language, script in SCRIPTS.items()}
    language = max(counts, key=lambda one: counts[one])
    return language if counts[language] * 4 > len(text.replace(" ", "")) else "en"
