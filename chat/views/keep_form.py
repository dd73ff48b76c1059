"""The form for how long a room keeps its messages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.models import Room

AS_THE_SITE = "site"
DAYS = (1, 7, 30, 90, 365)


def term_sentence(days: int) -> str:
    """For how long, in words."""
    if not days:
        return _("For ever")
    return ngettext("%d day", "%d days", days) % days


class KeepForm(forms.Form):
    """How many days; ``sure`` once it was read how many messages go."""

    days = forms.ChoiceField(
        label=gettext_lazy("Messages are kept"),
        help_text=gettext_lazy("What is older is removed for good, for everybody."),
    )
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, present: int | None = None, **kwargs: Any) -> None:
        """``present`` is what the room says now: it can be chosen, whoever set it."""
        super().__init__(*args, **kwargs)
        listed = sorted({*DAYS, *([present] if present else [])})
        as_site = _("As everywhere on this site: %s") % term_sentence(settings.KEEP_DAYS)
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (AS_THE_SITE, as_site),
            *((str(days), term_sentence(days)) for days in (0, *listed)),
        ]

    @classmethod
    def of(cls, room: Room) -> KeepForm:
        """Return the form as the room stands."""
        days = AS_THE_SITE if room.keep_days is None else str(room.keep_days)
        return cls(initial={"days": days}, present=room.keep_days, auto_id="keep_%s")

    @property
    def wanted(self) -> int | None:
        days = self.cleaned_data["days"]
        return None if days == AS_THE_SITE else int(days)
