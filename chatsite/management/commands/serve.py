"""``manage.py serve``: prepare what is missing, and serve the site until asked to stop."""

from __future__ import annotations

import os
import signal
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from chatsite import greeting, lock, schema, serve, static
from chatsite.variables import SettingsError


class Command(BaseCommand):
    help = "Prepare what is missing (tables, static files) and serve the site."
    # The checks of all of Django take longer than the start; tests and CI run them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--prepare-only", action="store_true", help="Prepare, and do not serve."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Until uvicorn listens to signals itself, being asked to stop means the same as Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with self._alone():
                with lock.turn(settings.DATA_DIR):
                    self._prepare(asked=options["prepare_only"])
                if not options["prepare_only"]:
                    self._serve()
        except KeyboardInterrupt:
            self.stdout.write("")

    def _alone(self) -> AbstractContextManager[None]:
        if not settings.IN_PROCESS:
            return nullcontext()
        said = f"process {os.getpid()}, {greeting.addresses()[0]}"
        return lock.only_process(settings.DATA_DIR, said=said)

    def _prepare(self, *, asked: bool) -> None:
        try:
            schema.reach()
            if missing := schema.missing():
                if not (asked or settings.MIGRATE_AT_START):
                    raise SettingsError([_behind(missing)])
                self.stdout.write("Preparing the database …")
                schema.prepare()
        except DatabaseError as error:
            reason = " ".join(str(error).split()).rstrip(".?")
            sentence = f"The database cannot be used (see DATABASE_URL): {reason}."
            raise SettingsError([sentence]) from error
        if settings.SECRET_KEY_FALLBACKS:
            self._renew_seals()
        if static.prepare():
            self.stdout.write("Prepared the static files.")

    def _renew_seals(self) -> None:
        from chat.actions.second_factor import renew_seals

        if count := renew_seals():
            self.stdout.write(f"Second factors sealed with the new secret key: {count}.")

    def _serve(self) -> None:
        from chat.actions.owner import offer_owner_link

        with serve.listen(settings.HOST, settings.PORT) as listener:
            said = greeting.lines(owner_path=offer_owner_link())
            serve.run(listener, "\n".join(said))
        self.stdout.write("Stopped.")


def _behind(missing: list[str]) -> str:
    lacks = ", ".join(missing) if len(missing) <= 3 else f"{len(missing)} migrations"
    return (
        f"The database is behind this version: it lacks {lacks}. "
        "Bring it up to date with: manage.py serve --prepare-only "
        "(or set MIGRATE_AT_START=1, and each server does so when it starts)."
    )
