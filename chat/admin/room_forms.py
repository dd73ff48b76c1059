"""The forms of a room's page: a new room, and one that is there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chat.admin.forms import ActionForm, ReasonedForm
from chat.models import Room
from chat.protocol import MAX_SLOW_MODE_S


class NewRoomForm(ActionForm):
    class Meta:
        model = Room
        fields = ["name", "topic"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields.keys() & {"name", "topic"}:
            self.fields[name].widget.attrs.update(dir="auto", autocomplete="off")


class RoomForm(ReasonedForm, NewRoomForm):
    archived = forms.BooleanField(
        label=_("Archived"), required=False, help_text=_("It can be read, but not written to.")
    )
    slow_mode_s = forms.IntegerField(
        label=_("Slow mode"),
        min_value=0,
        max_value=MAX_SLOW_MODE_S,
        help_text=_("Seconds between two posts of one member; 0 for none. Moderators do not wait."),
    )

    class Meta:
        model = Room
        fields = ["name", "topic", "slow_mode_s", "posting", "approve_first"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "archived" in self.fields:
            self.fields["archived"].initial = self.instance.is_archived
