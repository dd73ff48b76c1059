"""The page that redacts all that somebody said: in the last hour, day, week, or ever."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages as notes
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.actions.redaction import redact_all_of
from chat.admin.columns import refused_sentence, tombstone_sentence
from chat.admin.forms import reason_field
from chat.admin.searching import as_id
from chat.admin.undo import undo_link
from chat.errors import BusyError, ChatError
from chat.models import Message, Room, User
from chat.standing import store_now

if TYPE_CHECKING:
    from chat.admin.messages import MessageAdmin

PEOPLE_AT_ONCE = 10
TOO_MANY = gettext_lazy("That is too many at once: choose messages of at most 10 people.")
SPANS: dict[str, tuple[str | Promise, timedelta | None]] = {
    "hour": (gettext_lazy("of the last hour"), timedelta(hours=1)),
    "day": (gettext_lazy("of the last day"), timedelta(days=1)),
    "week": (gettext_lazy("of the last week"), timedelta(days=7)),
    "ever": (gettext_lazy("everything"), None),
}


class RedactAllForm(forms.Form):
    span = forms.ChoiceField(
        label=gettext_lazy("How much"),
        choices=[(name, label) for name, (label, _last) in SPANS.items()],
        initial="hour",
    )
    where = forms.ChoiceField(label=gettext_lazy("Where"))
    reason = reason_field()

    def __init__(self, *args: Any, room: Room | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: list[tuple[str, str | Promise]] = [("site", _("on the whole site"))]
        if room is not None:
            places.insert(0, ("room", _("in %(room)s") % {"room": room.name}))
        self.fields["where"].choices = places  # type: ignore[attr-defined]


def address(people: list[int], room_id: int | None) -> str:
    """Where the page for these people is; with the room, it can be chosen too."""
    query = {"people": ",".join(map(str, people))} | ({"room": str(room_id)} if room_id else {})
    return f"{reverse('admin:chat_message_redact_all')}?{urlencode(query)}"


def page(request: HttpRequest, model_admin: MessageAdmin) -> HttpResponse:
    """Answer ``redact-all/?people=1,2&room=3``: GET asks, POST redacts."""
    people, room = _chosen(request)
    form = RedactAllForm(request.POST if request.method == "POST" else None, room=room)
    if form.is_valid():
        wanted = form.cleaned_data
        click, count, refusals = uuid.uuid4(), 0, []
        for person in people:
            try:
                redacted, _click = redact_all_of(
                    actor=request.user,
                    user_id=person.pk,
                    room_id=room.pk if room is not None and wanted["where"] == "room" else None,
                    last=SPANS[wanted["span"]][1],
                    reason=wanted["reason"],
                    action_id=click,
                )
            except BusyError:
                raise
            except ChatError as refusal:
                refusals.append(refused_sentence(person, refusal))
            else:
                count += redacted
        if len(refusals) < len(people):
            _say(request, count, click, refusals)
            return redirect(reverse("admin:chat_message_changelist"))
        for sentence in refusals:
            form.add_error(None, sentence)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Redact all that somebody said"),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "form": form,
        "people": [_counts(person) for person in people],
        "tombstone": tombstone_sentence(Message.RedactedBy.MODERATOR),
    }
    return TemplateResponse(request, "admin/chat/redact_all.html", context)


def _say(request: HttpRequest, count: int, click: uuid.UUID, refusals: list[str]) -> None:
    if count:
        said = ngettext("%d message is redacted.", "%d messages are redacted.", count) % count
        notes.success(request, format_html("{} {}", said, undo_link(click)))
    else:
        notes.info(request, _("There was nothing to redact."))
    for refusal in refusals:
        notes.error(request, refusal)


def _chosen(request: HttpRequest) -> tuple[list[User], Room | None]:
    """Raises Http404 for nobody, for too many, or nonsense."""
    parts = request.GET.get("people", "").split(",")
    ids = {found for part in parts if (found := as_id(part)) is not None}
    if not 0 < len(ids) <= PEOPLE_AT_ONCE:
        raise Http404
    people = list(User.objects.filter(pk__in=ids).order_by("pk"))
    if not people:
        raise Http404
    room_id = as_id(request.GET.get("room", ""))
    return people, Room.objects.filter(pk=room_id).first() if room_id is not None else None


def _counts(person: User) -> dict[str, Any]:
    """How many messages each span would take away."""
    now = store_now()
    since = {
        name: Count("pk", filter=Q(created_at__gte=now - last) if last is not None else None)
        for name, (_label, last) in SPANS.items()
    }
    said = Message.objects.filter(author=person, redacted_at__isnull=True)
    return {"person": person} | said.aggregate(**since)
