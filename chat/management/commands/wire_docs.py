"""``manage.py wire_docs``: make ``docs/wire.md`` from the wire's models."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.wire_docs.page import PAGE, make_page


class Command(BaseCommand):
    help = "Make docs/wire.md from the wire's models."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Only say whether it is current.")

    def handle(self, *args: Any, **options: Any) -> None:
        made = make_page()
        is_current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == made
        if options["check"] and not is_current:
            raise CommandError("docs/wire.md is out of date: run manage.py wire_docs")
        if not is_current:
            PAGE.write_text(made, encoding="utf-8")
