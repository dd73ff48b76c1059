"""What is asked for a sanction: whom, where, for how long, and why."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from chat.admin.fields import PersonField, RoomField
from chat.admin.forms import ActionForm, note_field, shown_reason_field
from chat.admin.terms import TermForm
from chat.models import Sanction


def room_field() -> RoomField:
    return RoomField(
        label=gettext_lazy("Room"),
        required=False,
        help_text=gettext_lazy("Empty: on the whole site."),
    )


class KickForm(forms.Form):
    room = room_field()
    reason = shown_reason_field()
    note = note_field()


class LastingForm(TermForm):
    room = room_field()
    reason = shown_reason_field()
    note = note_field()

    field_order = ("room", "term", "until", "reason", "note")


class SanctionForm(TermForm, ActionForm):
    person = PersonField(label=gettext_lazy("Person"))
    room = room_field()
    reason = shown_reason_field()
    note = note_field()

    class Meta:
        model = Sanction
        fields = ["kind"]
