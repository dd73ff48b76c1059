"""``GET /api/rooms/<id>/messages/``: a page of a room's history."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat import policy, protocol, resume
from chat.errors import BadFieldError


class HistoryForm(forms.Form):
    """Which page: before, after or around a seq, or the newest."""

    before = forms.IntegerField(min_value=0, max_value=protocol.MAX_INTEGER, required=False)
    after = forms.IntegerField(min_value=0, max_value=protocol.MAX_INTEGER, required=False)
    around = forms.IntegerField(min_value=0, max_value=protocol.MAX_INTEGER, required=False)
    limit = forms.IntegerField(min_value=1, max_value=protocol.HISTORY_MAX, required=False)


@require_safe
def messages(request: HttpRequest, room_id: int) -> HttpResponse:
    """Answer ``{messages, revision, last_seq}``; see ``chat.resume.read_history``."""
    room = policy.access_room(request.user, room_id)
    form = HistoryForm(request.GET)
    if not form.is_valid():
        raise BadFieldError
    page = {name: number for name, number in form.cleaned_data.items() if number is not None}
    return HttpResponse(resume.read_history(room, **page), content_type="application/json")
