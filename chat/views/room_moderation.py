"""What moderators change in a room's settings: its switches, its word rules, its sanctions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chat import policy
from chat.actions import room_switches, sanctions, word_rules
from chat.errors import BadPatternError, DecidedError, NotFoundError
from chat.views.moderation_forms import RuleForm, SwitchesForm
from chat.views.room_settings import settings_page


@login_required
@require_POST
def set_switches(request: HttpRequest, room_id: int) -> HttpResponse:
    """Set slow mode, who may post and whose posts wait."""
    policy.access_led_room(request.user, room_id)
    form = SwitchesForm(request.POST)
    if not form.is_valid():
        return settings_page(request, room_id, switches=form)
    wanted = form.cleaned_data
    room_switches.set_room(
        actor=request.user,
        room_id=room_id,
        slow_mode=wanted["slow_mode"],
        posting=wanted["posting"],
        approve_first=wanted["approve_first"],
    )
    messages.success(request, _("The room was changed."))
    return redirect("chat:room_settings", room_id)


@login_required
@require_POST
def add_rule(request: HttpRequest, room_id: int) -> HttpResponse:
    """Make a word rule for the room."""
    policy.access_led_room(request.user, room_id)
    form = RuleForm(request.POST, auto_id="rule_%s")
    if not form.is_valid():
        return settings_page(request, room_id, rule=form)
    try:
        word_rules.add_rule(actor=request.user, room_id=room_id, **form.cleaned_data)
    except BadPatternError as error:
        form.add_error("pattern", error.text)
        return settings_page(request, room_id, rule=form)
    messages.success(request, _("The rule holds from now on."))
    return redirect("chat:room_settings", room_id)


@login_required
@require_POST
def remove_rule(request: HttpRequest, room_id: int, rule_id: int) -> HttpResponse:
    """Take a word rule away. It may be gone already: then somebody else was faster."""
    policy.access_led_room(request.user, room_id)
    try:
        word_rules.remove_rule(actor=request.user, rule_id=rule_id)
    except NotFoundError:
        messages.error(request, DecidedError().text)
    else:
        messages.success(request, _("The rule was removed."))
    return redirect("chat:room_settings", room_id)


@login_required
@require_POST
def lift(request: HttpRequest, room_id: int, sanction_id: int) -> HttpResponse:
    """End a mute or a ban before its time."""
    policy.access_led_room(request.user, room_id)
    try:
        sanctions.lift(actor=request.user, sanction_id=sanction_id)
    except DecidedError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("It was lifted."))
    return redirect("chat:room_settings", room_id)
