"""``manage.py reindex``: make the index of messages anew, while the site runs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from chat.search.rebuilding import rebuild

SAID_EVERY = 100_000


class Command(BaseCommand):
    help = "Make the full-text index of all messages anew. The site may run meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        said = done = 0
        for done in rebuild():
            if done - said >= SAID_EVERY:
                said = done
                self.stdout.write(f"{done:,} messages …")
        self.stdout.write(f"Indexed {done:,} messages.")
