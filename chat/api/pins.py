"""``GET /api/rooms/<id>/pins/``: the pinned messages of a room."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat import policy, resume


@require_safe
def pins(request: HttpRequest, room_id: int) -> HttpResponse:
    """Answer ``{messages, revision}``, what was pinned last first; see ``resume.read_pins``."""
    room = policy.access_room(request.user, room_id)
    return HttpResponse(resume.read_pins(room), content_type="application/json")
