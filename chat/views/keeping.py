"""For how long a room keeps its messages: asked about first, since what goes is gone."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chat import policy
from chat.actions.retention import set_keep_days
from chat.retention import count_going, read_keep_days
from chat.views.keep_form import KeepForm, term_sentence
from chat.views.room_settings import settings_page


@login_required
@require_POST
def keep_days(request: HttpRequest, room_id: int) -> HttpResponse:
    """Set for how long; where that removes messages, say how many and ask whether they may go."""
    room = policy.access_led_room(request.user, room_id)
    user = policy.check_signed_in(request.user)
    policy.check_owns(user, room)
    form = KeepForm(request.POST, present=room.keep_days, auto_id="keep_%s")
    if not form.is_valid():
        return settings_page(request, room_id, keeping=form)
    days = form.wanted
    going = count_going(room, read_keep_days(days))
    if going and not form.cleaned_data["sure"]:
        context = {"room": room, "days": form.cleaned_data["days"], "going": going}
        term = term_sentence(read_keep_days(days))
        return render(request, "chat/keep_days.html", {**context, "term": term})
    set_keep_days(actor=user, room_id=room_id, days=days)
    messages.success(request, _("The room was changed."))
    return redirect("chat:room_settings", room_id)
