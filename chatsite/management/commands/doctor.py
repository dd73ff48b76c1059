"""``manage.py doctor``: say what is wrong with the set-up, and what to do."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from chatsite.doctor.visit import visit


class Command(BaseCommand):
    help = "Say what is wrong with the set-up, and what to do; exit code 1 if something is."
    # The doctor runs them itself, and says more of them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--deep", action="store_true", help="Look at every room, too. That may take long."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(visit(deep=options["deep"]))
        wrong = [finding for finding in findings if finding.is_wrong]
        known = [finding for finding in findings if not finding.is_wrong]
        for heading, some in ((_("Wrong:"), wrong), (_("Worth knowing:"), known)):
            for finding in some:
                self.stdout.write(f"{heading} {finding.sentence}\n    {finding.remedy}")
        if wrong:
            self.stdout.write(_("Wrong: %(count)s.") % {"count": len(wrong)})
            sys.exit(1)
        self.stdout.write(_("Nothing is wrong."))
