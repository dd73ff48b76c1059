"""``GET /api/rooms/<id>/people/``: who is a member of a room."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat import payloads, policy
from chat.models import Membership

PEOPLE_SHOWN = 500
"""A room of thousands shows so many of its people, and counts them all."""
_LEADERS_FIRST = {"owner": 0, "moderator": 1, "member": 2}


@require_safe
def people(request: HttpRequest, room_id: int) -> HttpResponse:
    """Answer ``{people: [{person, role}], count}``, owners and moderators first, by name."""
    room = policy.access_room(request.user, room_id)
    members = list(
        Membership.objects.filter(room=room)
        .select_related("user")
        .order_by("user__name_skeleton")[:PEOPLE_SHOWN]
    )
    members.sort(key=lambda membership: _LEADERS_FIRST[membership.role])
    body = payloads.encode(
        {
            "people": [
                {"person": payloads.person_of(member.user), "role": member.role}
                for member in members
            ],
            "count": room.member_count,
        }
    )
    return HttpResponse(body, content_type="application/json")
