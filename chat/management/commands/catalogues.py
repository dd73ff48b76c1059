"""Gather the sentences that are to be translated, and compile what is translated.

Needs GNU gettext. Run from the project's folder: ``make messages``. What is new comes out
untranslated in ``chat/locale/*/LC_MESSAGES/*.po``; after translating, run it again.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.core.management.commands.makemessages import Command as MakeMessages

LOCALES = ["zh_Hans", "zh_Hant"]
DOMAINS = ["django", "djangojs"]
ELSEWHERE = [".venv", "node_modules", "data", "staticfiles", "tests", "benchmarks", "docs"]
# The one changes with every run, the other is empty: neither says anything.
NOISE = re.compile(r'^"(POT-Creation-Date|Report-Msgid-Bugs-To): .*\n', re.MULTILINE)


class Gather(MakeMessages):
    """Django's own, without guessing: a sentence that resembles an old one is still new."""

    msgmerge_options = [*MakeMessages.msgmerge_options, "--no-fuzzy-matching"]


class Command(BaseCommand):
    help = "Gathers the sentences to be translated, and compiles the catalogues."
    requires_system_checks: list[str] = []

    def handle(self, *args: object, **options: object) -> None:
        for domain in DOMAINS:
            call_command(
                Gather(),
                domain=domain,
                locale=LOCALES,
                ignore_patterns=ELSEWHERE,
                no_wrap=True,
                no_location=True,
                no_obsolete=True,
                verbosity=0,
            )
        for path in catalogues():
            text = path.read_text(encoding="utf-8")
            path.write_text(NOISE.sub("", text), encoding="utf-8")
        call_command("compilemessages", locale=LOCALES, ignore_patterns=ELSEWHERE, verbosity=0)


def catalogues() -> list[Path]:
    """Return the ``.po`` files, one for each language and domain."""
    folders = [Path(path) / locale for path in settings.LOCALE_PATHS for locale in LOCALES]
    return [folder / "LC_MESSAGES" / f"{domain}.po" for folder in folders for domain in DOMAINS]
