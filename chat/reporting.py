"""Putting a complaint on the one queue: all about one message make one case."""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Now

from chat.announce import tell_site
from chat.models import Report, ReportCase


def file_report(
    *, message_id: int, room_id: int, reporter_id: int | None, reason: str
) -> ReportCase:
    """Add a report to the message's open case, in the open transaction; return the case.

    ``reporter_id`` is None where a word rule complains. The same reader's second report of
    a case changes nothing. Whoever calls holds the message's room.
    """
    case, _made = ReportCase.log.get_or_create(
        message_id=message_id, closed_at=None, defaults={"room_id": room_id}
    )
    if reporter_id is not None and case.reports.filter(reporter_id=reporter_id).exists():
        return case
    Report.log.create(case=case, reporter_id=reporter_id, reason=reason)
    ReportCase.log.filter(pk=case.pk).update(report_count=F("report_count") + 1, reported_at=Now())
    tell_site()
    return case
