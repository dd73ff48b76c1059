"""Report a message, and decide on what was reported."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from chat import errors, policy
from chat.actions import audit
from chat.actions.redaction import redact_messages
from chat.actions.report_outcomes import close_cases
from chat.actions.sanctions import ban, mute
from chat.changes import open_change
from chat.models import AuditEntry, ReportCase, User
from chat.policy import Actor
from chat.reporting import file_report
from chat.throttle import throttle_report

Outcome = ReportCase.Outcome


def report_message(*, actor: Actor, message_id: int, reason: str) -> ReportCase:
    """Complain of a message to the moderators; return its case. Twice is once.

    Whoever may read a message may report it. Raises ``SignInError, NotFoundError,
    RedactedError, ThrottledError``, and ``ForbiddenError`` for one's own message.
    """
    user = policy.check_signed_in(actor)
    message = policy.access_message(user, message_id)
    if message.author_id == user.pk:
        raise errors.ForbiddenError
    throttle_report(user.pk)
    # Under the room's lock, as everything that touches a case: two readers make one.
    with open_change(message.room_id):
        message = policy.access_message(user, message_id)
        if message.is_tombstone:
            raise errors.RedactedError
        return file_report(
            message_id=message.pk,
            room_id=message.room_id,
            reporter_id=user.pk,
            reason=reason.strip(),
        )


@dataclass(frozen=True, slots=True)
class Term:
    """How long a decision's mute or ban lasts, and where it holds."""

    term: timedelta | None = None
    until: datetime | None = None
    everywhere: bool = False
    """On the whole site, not only in the message's room."""


def decide_case(
    *,
    actor: Actor,
    case_id: int,
    outcome: str,
    reason: str = "",
    note: str = "",
    term: Term | None = None,
    action_id: uuid.UUID | None = None,
) -> ReportCase:
    """Dismiss the reports of a message, or redact it, and mute or ban its author with it.

    One step, one reason, all or nothing; the reporters hear of it. Raises ``SignInError,
    NotFoundError, ForbiddenError, BadFieldError``, and ``DecidedError`` for the second of
    two moderators.
    """
    user = policy.check_signed_in(actor)
    room_id = ReportCase.objects.filter(pk=case_id).values_list("room_id", flat=True).first()
    if room_id is None:
        raise errors.NotFoundError
    with open_change(room_id) as change:
        policy.check_leads(user, change.room)
        about = ("message__author", "room", "closed_by")
        case = ReportCase.objects.select_related(*about).get(pk=case_id)
        if case.message.author_id == user.pk and not user.is_superuser:
            # An owner of the site has nobody above who could.
            raise errors.ForbiddenError(
                _("This is about a message of your own: let another moderator decide.")
            )
        if not case.is_open:
            raise errors.DecidedError.by(case.closed_by, Outcome(case.outcome).label)
        if outcome not in Outcome.values or outcome == Outcome.OPEN:
            raise errors.BadFieldError
        _decide(user, case, Outcome(outcome), reason, note, term or Term(), action_id)
        case.refresh_from_db()
    return case


def _decide(
    user: User,
    case: ReportCase,
    outcome: ReportCase.Outcome,
    reason: str,
    note: str,
    term: Term,
    action_id: uuid.UUID | None,
) -> None:
    action_id = action_id or uuid.uuid4()
    # First, so that redacting finds the case closed and leaves this outcome as it is.
    close_cases(actor=user, message_ids=[case.message_id], outcome=outcome, reason=reason)
    about: dict[str, Any] = {
        "actor": user,
        "reason": reason,
        "target": case.message.author,
        "room": case.room,
        "message": case.message,
        "action_id": action_id,
    }
    if outcome == Outcome.DISMISSED:
        audit.record(verb=AuditEntry.Verb.DISMISS_REPORTS, **about)
        return
    is_audited = not case.message.is_tombstone and case.message.author_id != user.pk
    if outcome == Outcome.REDACTED and not is_audited:
        # Taken back before, or now by its author: as a decision it is in the audit too.
        audit.record(verb=AuditEntry.Verb.REDACT, **about)
    redact_messages(actor=user, message_ids=[case.message_id], reason=reason, action_id=action_id)
    if outcome in (Outcome.MUTED, Outcome.BANNED):
        (mute if outcome == Outcome.MUTED else ban)(
            actor=user,
            user_id=case.message.author_id,
            room_id=None if term.everywhere else case.room_id,
            term=term.term,
            until=term.until,
            reason=reason,
            note=note,
            action_id=action_id,
        )
