"""The room page: a shell, and everything that it shows at first as one piece of JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from chat import payloads, policy, resume
from chat.grants import read_entries
from chat.models import Room, User
from chat.ranks import moderates_site
from chat.snapshots import snapshot_of
from chat.views.home import LAST_ROOM_COOKIE
from chat.views.shell import room_page

LAST_ROOM_FOR_S = 365 * 24 * 3600


@require_safe
def room(request: HttpRequest, room_id: int) -> HttpResponse:
    """Show a room to whoever may read it."""
    found = policy.access_room(request.user, room_id)
    user = policy.check_signed_in(request.user)
    page = room_page(request, room_name=found.name, boot=boot_json(user, found))
    response = HttpResponse(page)
    if request.COOKIES.get(LAST_ROOM_COOKIE) != str(room_id):
        response.set_cookie(LAST_ROOM_COOKIE, str(room_id), max_age=LAST_ROOM_FOR_S, samesite="Lax")
    return response


def boot_json(user: User, found: Room) -> str:
    """Return what the page starts from, as JSON that may stand in a ``<script>``."""
    entries = read_entries(user.pk)
    mine: dict[str, Any] = next((e for e in entries if e["facts"]["id"] == found.pk), {})
    about_me = payloads.encode(
        {
            "me": payloads.person_of(user),
            "epoch": resume.store_epoch(),
            "rooms": entries,
            "moderates": moderates_site(user),
            "role": mine.get("role"),
            "last_read_seq": mine.get("last_read_seq"),
            "socket": "/socket/",
            "language": get_language(),
            "time_zone": user.time_zone,
        }
    )
    return f'{payloads.for_script(about_me)[:-1]},"room":{snapshot_of(found).script_text}}}'
