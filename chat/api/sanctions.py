"""``GET /api/rooms/<id>/sanctions/``: who is muted in a room or banned from it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat import payloads, policy, ranks
from chat.models import Sanction
from chat.room_sanctions import read_room_sanctions


@require_safe
def sanctions(request: HttpRequest, room_id: int) -> HttpResponse:
    """Answer ``{sanctions, above, evidence_days}`` to those who moderate the room.

    ``above`` are the people, oneself among them, on whom one may not lay hands there.
    """
    room = policy.access_led_room(request.user, room_id)
    user = policy.check_signed_in(request.user)
    body = {
        "sanctions": [_shown(sanction) for sanction in read_room_sanctions(room)],
        "above": sorted(ranks.not_outranked_by(user, room_id)),
        "evidence_days": settings.EVIDENCE_DAYS,
    }
    return HttpResponse(payloads.encode(body), content_type="application/json")


def _shown(sanction: Sanction) -> dict[str, Any]:
    return {
        "id": sanction.pk,
        "kind": sanction.kind,
        "person": payloads.person_of(sanction.user),
        "since": sanction.created_at,
        "until": sanction.expires_at,
        "reason": sanction.reason,
        "note": sanction.note,
        "by": payloads.person_of(sanction.actor) if sanction.actor else None,
    }
