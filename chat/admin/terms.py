"""How long it lasts: the usual terms, for ever, or until any date."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.protocol import MAX_TERM_MINUTES

EVER, UNTIL = "ever", "until"
TERMS = [
    ("10", gettext_lazy("10 minutes")),
    ("60", gettext_lazy("an hour")),
    ("1440", gettext_lazy("a day")),
    ("10080", gettext_lazy("a week")),
    (EVER, gettext_lazy("for ever")),
    (UNTIL, gettext_lazy("until a date …")),
]
"""In minutes, as the wire has them."""
USUAL = "1440"


class TermForm(forms.Form):
    """The fields of a term. A form that inherits them hands ``term()`` to its action."""

    term = forms.ChoiceField(label=gettext_lazy("For how long"), choices=TERMS, initial=USUAL)
    until = forms.DateTimeField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "until" not in self.fields:
            return
        zone = timezone.get_current_timezone_name()
        self.fields["until"].help_text = _(
            "Only where “until a date” is chosen; by the clock of %(zone)s."
        ) % {"zone": zone}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.errors.keys() & {"term", "until"}:
            return cleaned
        chosen, until = self.cleaned_data["term"], self.cleaned_data["until"]
        if (chosen == UNTIL) != (until is not None):
            self.add_error("until", _("Choose “until a date”, and the date with it."))
        elif until is not None and until <= timezone.now():
            self.add_error("until", _("This time has passed already."))
        elif until is not None and until > timezone.now() + timedelta(minutes=MAX_TERM_MINUTES):
            self.add_error("until", _("That is too far away: choose “for ever” instead."))
        return cleaned


def term_of(cleaned: dict[str, Any]) -> dict[str, Any]:
    """Return what was chosen as an action takes it: a ``term``, or ``until`` when."""
    chosen = cleaned["term"]
    if chosen == UNTIL:
        return {"until": cleaned["until"]}
    return {} if chosen == EVER else {"term": timedelta(minutes=int(chosen))}


def ends_at(cleaned: dict[str, Any]) -> datetime | None:
    """Return when it would end, were it begun now; None for never."""
    chosen = term_of(cleaned)
    return timezone.now() + chosen["term"] if "term" in chosen else chosen.get("until")


def end_sentence(until: datetime | None) -> str:
    """Say until when: a time, or for ever."""
    if until is None:
        return _("for ever")
    return date_format(timezone.localtime(until), "SHORT_DATETIME_FORMAT")
