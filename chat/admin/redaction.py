"""The page between ticking messages and redacting them: what goes, what others will see."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.actions import redaction
from chat.actions.evidence import evidence_of
from chat.admin.columns import tombstone_sentence
from chat.admin.forms import reason_field
from chat.admin.undo import undo_link
from chat.errors import BusyError, ChatError
from chat.models import Evidence, Message

if TYPE_CHECKING:
    from chat.admin.messages import MessageAdmin

MOST_AT_ONCE = 200
TOO_MANY = gettext_lazy("That is too many at once: at most 200 messages are redacted in one go.")


class RedactionForm(forms.Form):
    reason = reason_field()


def page(request: HttpRequest, model_admin: MessageAdmin) -> HttpResponse:
    """Answer ``redact/?ids=1,2``: GET asks, POST redacts and goes back to the list."""
    chosen = _chosen(request, model_admin)
    form = RedactionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        click = uuid.uuid4()
        try:
            redaction.redact_messages(
                actor=request.user,
                message_ids=[message.pk for message in chosen],
                reason=form.cleaned_data["reason"],
                action_id=click,
            )
        except BusyError:
            raise
        except ChatError as refusal:
            form.add_error(None, refusal.text)
        else:
            n = len(chosen)
            sentence = ngettext("%d message is redacted.", "%d messages are redacted.", n) % n
            if Evidence.objects.filter(action_id=click).exists():
                sentence = format_html("{} {}", sentence, undo_link(click))
            model_admin.message_user(request, sentence, notes.SUCCESS)
            return redirect(reverse("admin:chat_message_changelist"))
    return TemplateResponse(
        request, "admin/chat/redact.html", _context(request, model_admin, form, chosen)
    )


def _context(
    request: HttpRequest, model_admin: MessageAdmin, form: forms.Form, chosen: list[Message]
) -> dict[str, Any]:
    return {
        **model_admin.admin_site.each_context(request),
        "title": _("Redact messages"),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "form": form,
        "chosen": chosen,
        "evidence_days": settings.EVIDENCE_DAYS,
        "rooms": sorted({message.room.name for message in chosen}),
        "tombstones": [tombstone_sentence(by) for by in _redacted_by(request, chosen)],
    }


def _redacted_by(request: HttpRequest, chosen: list[Message]) -> list[str]:
    """As whom the redactor will be shown: as a moderator, or as the author of their own."""
    own = {message.author_id == request.user.pk for message in chosen}
    as_whom = {True: Message.RedactedBy.AUTHOR, False: Message.RedactedBy.MODERATOR}
    return [as_whom[is_own] for is_own in sorted(own)]


def _chosen(request: HttpRequest, model_admin: MessageAdmin) -> list[Message]:
    """The messages of ``ids`` that the person may read. Raises Http404 for none, or nonsense."""
    asked = request.GET.get("ids", "").split(",")
    ids = {int(part) for part in asked if part.isascii() and part.isdecimal() and len(part) < 19}
    if not ids or len(ids) > MOST_AT_ONCE:
        raise Http404
    rows = model_admin.get_queryset(request).filter(pk__in=ids).select_related("room", "author")
    chosen = list(rows.order_by("room_id", "seq"))
    if not chosen:
        raise Http404
    return chosen


def tombstone_and_evidence(message: Message) -> SafeString:
    """What everybody reads now; and what stood there, for as long as it is kept."""
    sentence = tombstone_sentence(message.redacted_by)
    kept = next(iter(evidence_of(message_ids=[message.pk])), None)
    if kept is None:
        return sentence
    shown = render_to_string("admin/chat/evidence.html", {"evidence": kept})
    if message.redacted_by != Message.RedactedBy.MODERATOR:
        return format_html("{}{}", sentence, shown)
    return format_html("{}{}<p>{}</p>", sentence, shown, undo_link(kept.action_id))
