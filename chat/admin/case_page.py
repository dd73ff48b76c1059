"""The page of one case: what was said around it, who complains, and what can be done."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat import policy
from chat.actions.evidence import evidence_of
from chat.actions.reports import Term, decide_case
from chat.admin.forms import reason_field
from chat.admin.guarded import actor_of
from chat.admin.searching import as_id
from chat.admin.terms import TermForm, term_of
from chat.admin.undo import undo_link
from chat.errors import BusyError, ChatError
from chat.models import AuditEntry, Message, Report, ReportCase, Sanction
from chat.protocol import MAX_REASON_CHARS

if TYPE_CHECKING:
    from chat.admin.reports import ReportCaseAdmin

AROUND = 10
"""So many messages of context on each side."""
REPORTS_SHOWN = 50
SANCTIONS_SHOWN = 10
HERE, EVERYWHERE = "room", "site"
Outcome = ReportCase.Outcome


class DecisionForm(TermForm):
    """One reason for all of it; term and place are for a mute or a ban."""

    outcome = forms.ChoiceField(
        choices=[pair for pair in Outcome.choices if pair[0]], widget=forms.HiddenInput
    )
    reason = reason_field()
    where = forms.ChoiceField(
        label=gettext_lazy("Where"),
        choices=[
            (HERE, gettext_lazy("in this room")),
            (EVERYWHERE, gettext_lazy("on the whole site")),
        ],
        initial=HERE,
    )
    note = forms.CharField(
        label=gettext_lazy("Private note"),
        required=False,
        max_length=MAX_REASON_CHARS,
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "auto", "autocomplete": "off"}),
        help_text=gettext_lazy("For moderators alone."),
    )
    field_order = ["reason", "term", "until", "where", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "With a mute or a ban its author reads it. It is kept in the audit."
        )


def page(request: HttpRequest, model_admin: ReportCaseAdmin, object_id: str | None) -> HttpResponse:
    """GET shows the case; POST decides it in one step."""
    case = _access_case(request, model_admin, object_id)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        click = uuid.uuid4()
        wanted = form.cleaned_data
        try:
            decide_case(
                actor=request.user,
                case_id=case.pk,
                outcome=wanted["outcome"],
                reason=wanted["reason"],
                note=wanted["note"],
                term=Term(**term_of(wanted), everywhere=wanted["where"] == EVERYWHERE),
                action_id=click,
            )
        except BusyError:
            raise
        except ChatError as refusal:
            form.add_error(None, refusal.text)
            # Another moderator may have been quicker: the page shows what they decided.
            case = _access_case(request, model_admin, object_id)
        else:
            notes.success(request, _decided(case, wanted["outcome"], click))
            return redirect(request.path)
    context = _context(request, model_admin, case) | {"form": form}
    return TemplateResponse(request, "admin/chat/case.html", context)


def _access_case(
    request: HttpRequest, model_admin: ReportCaseAdmin, object_id: str | None
) -> ReportCase:
    """Raises Http404 for no case, and PermissionDenied for whoever does not moderate the site."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    rows = ReportCase.objects.select_related("room", "message__author", "closed_by")
    case_id = as_id(object_id or "")
    case = rows.filter(pk=case_id).first() if case_id is not None else None
    if case is None:
        raise Http404
    policy.access_reported(actor_of(request), case.message_id)
    return case


def _context(
    request: HttpRequest, model_admin: ReportCaseAdmin, case: ReportCase
) -> dict[str, Any]:
    message = case.message
    reports = Report.objects.filter(case=case).select_related("reporter").order_by("-pk")
    sanctions = Sanction.objects.filter(user_id=message.author_id).select_related("room", "actor")
    return {
        **model_admin.admin_site.each_context(request),
        "title": _("Report about %(name)s") % {"name": message.author.display_name},
        "opts": model_admin.opts,
        "original": case,
        "case": case,
        "message": message,
        "evidence": next(iter(evidence_of(message_ids=[message.pk])), None),
        "before": list(
            reversed(_beside(message).filter(seq__lt=message.seq).order_by("-seq")[:AROUND])
        ),
        "after": list(_beside(message).filter(seq__gt=message.seq).order_by("seq")[:AROUND]),
        "reports": reports[:REPORTS_SHOWN],
        "sanctions": sanctions.order_by("-pk")[:SANCTIONS_SHOWN],
        "click": None if case.is_open else _click_of(case),
        "next_case": next_open(case),
    }


def _beside(message: Message) -> Any:
    return Message.objects.filter(room_id=message.room_id).select_related("author")


def next_open(case: ReportCase) -> ReportCase | None:
    """The open case that has waited longest, but for this one."""
    return (
        ReportCase.objects.filter(closed_at__isnull=True).exclude(pk=case.pk).order_by("pk").first()
    )


def _click_of(case: ReportCase) -> uuid.UUID | None:
    """The click that decided the case, for its undo page; None where there is nothing to undo."""
    verbs = [AuditEntry.Verb.REDACT, AuditEntry.Verb.MUTE, AuditEntry.Verb.BAN]
    entries = AuditEntry.objects.filter(message_id=case.message_id, verb__in=verbs)
    found = entries.filter(actor=case.closed_by, created_at__gte=case.opened_at).order_by("-pk")
    return found.values_list("action_id", flat=True).first()


def _decided(case: ReportCase, outcome: str, click: uuid.UUID) -> SafeString:
    """What was done, with the way back and the way on."""
    author = case.message.author.display_name
    said = {
        Outcome.DISMISSED: _("The reports are dismissed. Nothing else has changed."),
        Outcome.REDACTED: _("The message is redacted."),
        Outcome.MUTED: _("The message is redacted, and %(name)s is muted.") % {"name": author},
        Outcome.BANNED: _("The message is redacted, and %(name)s is banned.") % {"name": author},
    }[Outcome(outcome)]
    parts: list[SafeString | str] = [said]
    if outcome != Outcome.DISMISSED:
        parts.append(undo_link(click))
    if (following := next_open(case)) is not None:
        address = reverse("admin:chat_reportcase_change", args=[following.pk])
        parts.append(format_html('<a href="{}">{}</a>', address, _("Next open case")))
    return format_html_join(" ", "{}", ((part,) for part in parts))
