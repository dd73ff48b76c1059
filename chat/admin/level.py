"""The raid switch on the desk: the level of the whole site, set in one step with a reason."""

from __future__ import annotations

from django import forms
from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from chat.actions.site_level import set_level
from chat.admin.forms import reason_field
from chat.errors import BusyError, ChatError
from chat.models import Site

LEVELS = {
    Site.Level.NORMAL: gettext_lazy("Everybody writes where their room lets them."),
    Site.Level.MEMBERS: gettext_lazy("Guests read, and do not write."),
    Site.Level.APPROVE_FIRST: gettext_lazy("What guests and newcomers post waits for a moderator."),
    Site.Level.READ_ONLY: gettext_lazy("Nobody writes but the staff."),
}


class LevelForm(forms.Form):
    level = forms.ChoiceField(
        label=gettext_lazy("Level"), choices=Site.Level.choices, widget=forms.RadioSelect
    )
    reason = reason_field()


@require_POST
def level_view(request: HttpRequest) -> HttpResponse:
    """Set the level, and go back to the desk."""
    form = LevelForm(request.POST)
    if not form.is_valid():
        notes.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
        return redirect("admin:index")
    level = form.cleaned_data["level"]
    try:
        set_level(actor=request.user, level=level, reason=form.cleaned_data["reason"])
    except BusyError:
        raise
    except ChatError as refusal:
        notes.error(request, refusal.text)
    else:
        said = _("The level of the site is now: %(level)s.") % {"level": Site.Level(level).label}
        notes.success(request, said)
    return redirect("admin:index")


def choices(level: str) -> list[dict[str, object]]:
    """The levels as the desk shows them: each with what it means, and which one holds."""
    return [
        {
            "value": known.value,
            "label": known.label,
            "means": LEVELS[known],
            "holds": known == level,
        }
        for known in Site.Level
    ]
