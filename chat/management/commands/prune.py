"""``manage.py prune``: remove for good what is kept no longer, while the site runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from chat.actions.expiry import sweep
from chat.actions.retention import prune_by_hand
from chat.errors import BusyError
from chat.models import Room
from chat.models.room import MAX_KEEP_DAYS
from chat.retention import held_back, rule_of
from chat.search.rebuilding import erase


class Command(BaseCommand):
    help = (
        "Remove for good what is kept no longer: messages past the days of their room, and "
        "evidence, addresses, sessions and invitations past their time. The site may run meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--room", type=int, action="append", metavar="ID", help="Only this room; repeatable."
        )
        parser.add_argument(
            "--days", type=int, help="Once, whatever the room says: what is older goes."
        )
        parser.add_argument(
            "--newest", type=int, help="Once, whatever the room says: all but so many go."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["days"] is None and options["newest"] is None:
                self._sweep(options["room"])
            else:
                self._by_hand(options["room"], options["days"], options["newest"])
            self._erase()
        except BusyError as error:
            raise CommandError(
                "The database is busy. What was removed is removed; run it again for the rest."
            ) from error

    def _sweep(self, room_ids: list[int] | None) -> None:
        if room_ids:
            raise CommandError("With --room, say --days or --newest.")
        swept = sweep(slices=None)
        self.stdout.write(
            f"Removed {swept.messages:,} messages, {swept.kept_apart:,} texts and addresses kept "
            f"apart, {swept.ended:,} sessions and invitations."
        )
        for room_id, seq in held_back():
            self.stdout.write(
                f"Room {room_id} keeps what is too old from place {seq} on: a report of that "
                "message is not decided yet."
            )

    def _by_hand(self, room_ids: list[int] | None, days: int | None, newest: int | None) -> None:
        if not room_ids:
            raise CommandError("With --days or --newest, say which --room.")
        if (days is not None and not 0 < days <= MAX_KEEP_DAYS) or (newest or 0) < 0:
            raise CommandError(f"--days is 1 to {MAX_KEEP_DAYS}, and --newest is 0 or more.")
        for room_id in self._known(room_ids):
            said = {"days": days, "newest": newest}
            asked = ", ".join(f"{name} {n}" for name, n in said.items() if n is not None)
            rule = rule_of(days=days, newest=newest)
            count = sum(prune_by_hand(room_id=room_id, rule=rule, asked=asked))
            self.stdout.write(f"Room {room_id}: removed {count:,} messages.")

    def _known(self, room_ids: Iterable[int]) -> list[int]:
        known = set(Room.objects.filter(pk__in=room_ids).values_list("pk", flat=True))
        for room_id in room_ids:
            if room_id not in known:
                raise CommandError(f"There is no room {room_id}.")
        return list(dict.fromkeys(room_ids))

    def _erase(self) -> None:
        """Leave nothing of it in the database's files either, as far as they are ours."""
        erase()
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
