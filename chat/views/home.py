"""The front door: the last room for who is signed in, a way in for who is not."""

from __future__ import annotations

from allauth.account.forms import LoginForm
from allauth.utils import get_form_class
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from chat import policy
from chat.actions.owner import has_owner
from chat.models import User

LAST_ROOM_COOKIE = "last_room"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        return _to_last_room(request, request.user)
    if not has_owner():
        return render(request, "chat/first_run.html")
    form = get_form_class(settings.ACCOUNT_FORMS, "login", LoginForm)(request=request)
    return render(request, "chat/home.html", {"form": form})


def _to_last_room(request: HttpRequest, user: User) -> HttpResponse:
    """Back to where the person was; else to a room of theirs; else to the list."""
    mine = list(policy.memberships_of(user).values_list("room_id", flat=True)[:1000])
    last = request.COOKIES.get(LAST_ROOM_COOKIE, "")
    if last.isascii() and last.isdigit() and len(last) < 19 and int(last) in mine:
        return redirect("chat:room", int(last))
    return redirect("chat:room", mine[0]) if mine else redirect("chat:rooms")
