"""Close cases of reports, and let the reporters hear of it."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models.functions import Now

from chat import errors, policy
from chat.announce import tell_outcome, tell_site
from chat.database import writing
from chat.models import Report, ReportCase, User
from chat.policy import Actor


def close_cases(
    *, actor: User, message_ids: Collection[int], outcome: str, reason: str
) -> list[ReportCase]:
    """Close the open cases about these messages, in the open transaction; return them."""
    if not message_ids:
        return []
    cases = list(ReportCase.objects.filter(message_id__in=message_ids, closed_at__isnull=True))
    if not cases:
        return []
    ReportCase.log.filter(pk__in=[case.pk for case in cases]).update(
        outcome=outcome, closed_at=Now(), closed_by=actor, reason=reason
    )
    for user_id in Report.objects.filter(case__in=cases, reporter__isnull=False).values_list(
        "reporter_id", flat=True
    ):
        if user_id is not None:
            tell_outcome(user_id)
    tell_site()
    return cases


def hear_outcome(*, actor: Actor, report_id: int) -> None:
    """Remember that the reporter has read what became of it. Raises ``NotFoundError``."""
    user = policy.check_signed_in(actor)
    with writing():
        mine = Report.log.filter(pk=report_id, reporter=user, case__closed_at__isnull=False)
        if not mine.update(heard_at=Now()):
            raise errors.NotFoundError
