"""The undo page: what one click did, what of it can be undone, and one button that does."""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib import messages as notes
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.actions.redaction import MESSAGES_A_CHANGE, restore_messages
from chat.actions.sanctions import lift
from chat.admin.entering import actor_of
from chat.admin.forms import reason_field
from chat.database import writing
from chat.errors import BusyError, ChatError, DecidedError, EvidenceGoneError
from chat.models import AuditEntry, Evidence, Message, Sanction, User
from chat.models.sanction import ACTIVE

ENTRIES_SHOWN = 100


class UndoForm(forms.Form):
    reason = reason_field()


@dataclass(frozen=True, slots=True)
class Click:
    """What one click did, and how much of it can still be undone."""

    id: uuid.UUID
    entries: list[AuditEntry]
    kept: int
    """Texts that can be brought back."""
    gone: int
    """Texts that cannot: they are kept no longer."""
    standing: list[Sanction]

    @property
    def can_be_undone(self) -> bool:
        return bool(self.kept or self.standing)

    @property
    def more(self) -> int:
        """How many entries there are beyond those that are shown."""
        if len(self.entries) < ENTRIES_SHOWN:
            return 0
        return AuditEntry.objects.filter(action_id=self.id).count() - ENTRIES_SHOWN


def read_click(click: uuid.UUID) -> Click:
    """Raises Http404 where no click has that id."""
    entries = AuditEntry.objects.filter(action_id=click).select_related(
        "actor", "target", "room", "message"
    )
    shown = list(entries.order_by("pk")[:ENTRIES_SHOWN])
    if not shown:
        raise Http404
    kept = Evidence.objects.filter(
        action_id=click,
        expires_at__gt=Now(),
        message__redacted_by=Message.RedactedBy.MODERATOR,
    ).values("message_id")
    redacted = entries.filter(
        verb=AuditEntry.Verb.REDACT, message__redacted_by=Message.RedactedBy.MODERATOR
    )
    # By person, which has an index; the id of the click has none there.
    people = entries.filter(target__isnull=False).order_by().values("target")
    standing = Sanction.objects.filter(ACTIVE, user__in=people, action_id=click)
    standing = standing.exclude(kind=Sanction.Kind.KICK)
    # Restored and redacted again by another click: what is kept of it is that click's.
    elsewhere = Evidence.objects.exclude(action_id=click).values("message_id")
    return Click(
        id=click,
        entries=shown,
        kept=kept.count(),
        gone=redacted.exclude(message__in=kept).exclude(message__in=elsewhere).count(),
        standing=list(standing.select_related("user", "room").order_by("pk")),
    )


def undo(*, actor: User, click: Click, reason: str) -> str:
    """Lift what stands and bring back what was redacted; say what was done.

    All or nothing, but for more messages than are brought back under one lock. Raises
    ``EvidenceGoneError`` or ``DecidedError`` where there is nothing to undo, and as
    ``restore_messages`` and ``lift``.
    """
    if not click.can_be_undone:
        raise EvidenceGoneError if click.gone else DecidedError
    about: dict[str, Any] = {"actor": actor, "reason": reason, "action_id": uuid.uuid4()}
    said = []
    with writing() if click.kept <= MESSAGES_A_CHANGE else nullcontext():
        for sanction in click.standing:
            lift(sanction_id=sanction.pk, **about)
        n = len(restore_messages(click=click.id, **about)) if click.kept else 0
    if n:
        said.append(ngettext("%d message is back.", "%d messages are back.", n) % n)
    if n := len(click.standing):
        said.append(ngettext("%d sanction is lifted.", "%d sanctions are lifted.", n) % n)
    return " ".join(said)


def undo_view(request: HttpRequest, click: uuid.UUID) -> HttpResponse:
    """GET says what would be undone; POST undoes it and shows what is left."""
    found = read_click(click)
    form = UndoForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            said = undo(actor=actor_of(request), click=found, reason=form.cleaned_data["reason"])
        except BusyError:
            raise
        except ChatError as refusal:
            form.add_error(None, refusal.text)
        else:
            notes.success(request, said)
            return redirect("admin:undo", click=click)
    context = {
        **admin.site.each_context(request),
        "title": _("Undo"),
        "opts": AuditEntry._meta,
        "click": found,
        "form": form,
    }
    return TemplateResponse(request, "admin/chat/undo.html", context)


def undo_link(click: uuid.UUID) -> SafeString:
    """A link to the undo page, for a sentence that says what was done."""
    address = reverse("admin:undo", args=[click])
    return format_html('<a href="{}" class="undo">{}</a>', address, _("Undo…"))
