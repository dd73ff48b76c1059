"""What can be changed about a room, by those who may: facts, people, archive."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chat import policy, ranks
from chat.actions import members, rooms, sanctions
from chat.errors import BadFieldError, ForbiddenError, LastOwnerError
from chat.models import Membership, Room, User
from chat.ranks import moderates_site
from chat.room_sanctions import read_room_sanctions
from chat.views.keep_form import KeepForm
from chat.views.moderation_forms import RuleForm, SwitchesForm
from chat.views.rooms import REFUSALS, RoomForm

PEOPLE_SHOWN = 200
RULES_SHOWN = 500


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def room_settings(request: HttpRequest, room_id: int) -> HttpResponse:
    """Members see it, moderators change it; who is neither gets 403, or 404 if it is private."""
    room = policy.access_room(request.user, room_id)
    if request.method != "POST":
        return settings_page(request, room_id)
    form = RoomForm(request.POST)
    if form.is_valid() and _save(request, room, form):
        messages.success(request, _("The room was changed."))
        return redirect("chat:room_settings", room_id)
    return settings_page(request, room_id, form=form)


def settings_page(request: HttpRequest, room_id: int, **filled_in: forms.Form) -> HttpResponse:
    """Show the page, with what somebody filled in and has to correct.

    Raises as ``policy.access_room``, and ``ForbiddenError`` for who only reads.
    """
    room = policy.access_room(request.user, room_id)
    me = policy.check_signed_in(request.user)
    role, leads = policy.role_in(me, room_id), policy.leads(me, room_id)
    if role is None and not leads:
        raise ForbiddenError
    facts = RoomForm(initial={"name": room.name, "topic": room.topic})
    context = {"form": facts, **_context(me, room, role, leads), **filled_in}
    return render(request, "chat/room_settings.html", context)


def _save(request: HttpRequest, room: Room, form: RoomForm) -> bool:
    wanted = form.cleaned_data
    try:
        if wanted["name"] != room.name:
            rooms.rename_room(actor=request.user, room_id=room.pk, name=wanted["name"])
        if wanted["topic"] != room.topic:
            rooms.set_topic(actor=request.user, room_id=room.pk, topic=wanted["topic"])
    except REFUSALS as error:
        form.add_error("name", error.text)
        return False
    return True


def _context(me: User, room: Room, role: str | None, leads: bool) -> dict[str, Any]:
    context = {"room": room, "role": role, "leads": leads}
    if not leads:
        return context
    people = (
        Membership.objects.filter(room=room)
        .select_related("user")
        .order_by("joined_at", "pk")[:PEOPLE_SHOWN]
    )
    return {
        **context,
        "owns": role == Membership.Role.OWNER or moderates_site(me),
        "people": people,
        "roles": Membership.Role.choices,
        "above": ranks.not_outranked_by(me, room.pk),
        "switches": SwitchesForm.of(room),
        "keeping": KeepForm.of(room),
        "rule": RuleForm(auto_id="rule_%s"),
        "rules": room.word_rules.all()[:RULES_SHOWN],
        "sanctions": read_room_sanctions(room),
    }


@login_required
@require_POST
def archive(request: HttpRequest, room_id: int) -> HttpResponse:
    rooms.archive_room(actor=request.user, room_id=room_id, reason=_reason(request))
    return redirect("chat:room_settings", room_id)


@login_required
@require_POST
def restore(request: HttpRequest, room_id: int) -> HttpResponse:
    rooms.restore_room(actor=request.user, room_id=room_id, reason=_reason(request))
    return redirect("chat:room_settings", room_id)


@login_required
@require_POST
def set_role(request: HttpRequest, room_id: int, user_id: int) -> HttpResponse:
    role = request.POST.get("role", "")
    if role not in Membership.Role.values:
        raise BadFieldError
    try:
        members.set_role(actor=request.user, room_id=room_id, user_id=user_id, role=role)
    except LastOwnerError as error:
        messages.error(request, error.text)
    return redirect("chat:room_settings", room_id)


@login_required
@require_POST
def remove(request: HttpRequest, room_id: int, user_id: int) -> HttpResponse:
    try:
        sanctions.kick(actor=request.user, room_id=room_id, user_id=user_id)
    except LastOwnerError as error:
        messages.error(request, error.text)
    return redirect("chat:room_settings", room_id)


class ReasonForm(forms.Form):
    """Why: it goes into the audit, and is cut to what fits there."""

    reason = forms.CharField(required=False)


def _reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    return form.cleaned_data["reason"][:500] if form.is_valid() else ""
