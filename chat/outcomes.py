"""What became of somebody's reports, until they have heard it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from chat.language import speaking
from chat.models import Report, ReportCase

OUTCOMES_TOLD = 20


def read_outcomes(user_id: int, language: str) -> list[dict[str, Any]]:
    """Return an ``Outcome`` for each decided report of a person that they have not heard of."""
    reports = (
        Report.objects.filter(
            reporter_id=user_id, heard_at__isnull=True, case__closed_at__isnull=False
        )
        .select_related("case")
        .order_by("pk")[:OUTCOMES_TOLD]
    )
    with speaking(language):
        return [
            {
                "report": report.pk,
                "room": report.case.room_id,
                "message": report.case.message_id,
                "outcome": report.case.outcome,
                "text": _sentence(report.case.outcome),
            }
            for report in reports
        ]


def reporters_unheard(user_ids: Collection[int]) -> set[int]:
    """Return those of these people who have decided reports that they have not heard of."""
    rows = Report.objects.filter(
        reporter_id__in=user_ids, heard_at__isnull=True, case__closed_at__isnull=False
    )
    return {pk for pk in rows.values_list("reporter_id", flat=True).distinct() if pk is not None}


def _sentence(outcome: str) -> str:
    match outcome:
        case ReportCase.Outcome.DISMISSED:
            return _("Thank you for your report. The moderators left the message as it is.")
        case ReportCase.Outcome.MUTED:
            return _("Thank you for your report. The message is gone; its author was muted.")
        case ReportCase.Outcome.BANNED:
            return _("Thank you for your report. The message is gone; its author was banned.")
        case _:
            return _("Thank you for your report. The message is gone.")
