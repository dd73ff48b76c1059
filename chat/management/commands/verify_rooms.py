"""``manage.py verify_rooms``: look whether the room log holds what it promises."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from chat.models import Message, Room
from chat.verifying import find_damage

SENTENCES_SHOWN = 100


class Command(BaseCommand):
    help = "Check the invariants of every room; exit code 1 and a sentence for each breach."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for sentence in find_damage():
            count += 1
            if count <= SENTENCES_SHOWN:
                self.stderr.write(sentence)
        if count > SENTENCES_SHOWN:
            self.stderr.write(f"… and {count - SENTENCES_SHOWN} more.")
        if count:
            sys.exit(1)
        rooms, messages = Room.objects.count(), Message.objects.count()
        self.stdout.write(f"Sound: {rooms} rooms, {messages} messages.")
