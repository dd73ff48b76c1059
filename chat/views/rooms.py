"""The list of open rooms: browse, search, make one, join and leave."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from chat import policy, protocol
from chat.actions import members
from chat.actions.rooms import create_room
from chat.errors import BadNameError, BadTextError, NameTakenError
from chat.models import Membership, Message, Room, User

ROOMS_PER_PAGE = 50
MAX_QUERY_CHARS = 80


class RoomForm(forms.Form):
    """Name and topic; what they may be is judged by the action."""

    name = forms.CharField(
        label=_("Name"),
        max_length=protocol.MAX_ROOM_NAME_CHARS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    topic = forms.CharField(
        label=_("Topic"),
        required=False,
        max_length=protocol.MAX_TOPIC_CHARS,
        help_text=_("What belongs here, in one line."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )


REFUSALS = (BadNameError, BadTextError, NameTakenError)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def room_list(request: HttpRequest) -> HttpResponse:
    """Browse and search by GET; make a room by POST."""
    form = RoomForm(request.POST or None)
    if form.is_valid():
        try:
            room = create_room(actor=request.user, **form.cleaned_data)
        except REFUSALS as error:
            form.add_error("name", error.text)
        else:
            return redirect("chat:room", room.pk)
    query = request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY_CHARS]
    me = policy.check_signed_in(request.user)
    page = Paginator(_browse(me, query), ROOMS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "query": query, "page": page, "here": "rooms"}
    return render(request, "chat/rooms.html", context)


def _browse(actor: User, query: str) -> QuerySet[Room]:
    """Open rooms that match, the liveliest first, archived ones last."""
    rooms = policy.visible_rooms(actor).filter(kind=Room.Kind.OPEN)
    if query:
        rooms = rooms.filter(Q(name_key__contains=query.casefold()) | Q(topic__icontains=query))
    newest = Message.objects.filter(room=OuterRef("pk"), seq=OuterRef("last_seq"))
    mine = Membership.objects.filter(room=OuterRef("pk"), user=actor)
    return rooms.annotate(
        last_activity=Subquery(newest.values("created_at")[:1]), is_mine=Exists(mine)
    ).order_by(
        F("archived_at").asc(nulls_first=True), F("last_activity").desc(nulls_last=True), "name_key"
    )


@login_required
@require_POST
def join(request: HttpRequest, room_id: int) -> HttpResponse:
    members.join_room(actor=request.user, room_id=room_id)
    return redirect("chat:room", room_id)


@login_required
@require_POST
def leave(request: HttpRequest, room_id: int) -> HttpResponse:
    members.leave_room(actor=request.user, room_id=room_id)
    return redirect("chat:rooms")
