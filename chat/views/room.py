"""The room page: a shell, and everything that it shows at first as one piece of JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from chat import payloads, policy, resume
from chat.grants import read_entries
from chat.models import Room, User
from chat.snapshots import snapshot_of
from chat.views.home import LAST_ROOM_COOKIE

LAST_ROOM_FOR_S = 365 * 24 * 3600
# JSON inside of <script> must not close it, nor open a comment (HTML, 4.12.1.3).
_SCRIPT_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@require_safe
def room(request: HttpRequest, room_id: int) -> HttpResponse:
    """Show a room to whoever may read it."""
    found = policy.access_room(request.user, room_id)
    user = policy.check_signed_in(request.user)
    context = {"room": found, "boot": mark_safe(boot_json(user, found))}  # noqa: S308 - escaped
    response = render(request, "chat/room.html", context)
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
            "role": mine.get("role"),
            "last_read_seq": mine.get("last_read_seq"),
            "socket": "/socket/",
            "language": get_language(),
            "time_zone": user.time_zone,
        }
    )
    boot = f'{about_me[:-1]},"room":{snapshot_of(found).text}}}'
    return boot.translate(_SCRIPT_ESCAPES)
