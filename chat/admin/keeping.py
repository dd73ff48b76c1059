"""For how long rooms keep their messages: the page that says first how many go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.actions.retention import set_keep_days
from chat.admin.columns import room_link
from chat.admin.confirming import Confirmation
from chat.admin.forms import reason_field
from chat.models import Room
from chat.models.room import MAX_KEEP_DAYS
from chat.retention import count_going, read_keep_days


class KeepDaysForm(forms.Form):
    """How many days, and why."""

    days = forms.IntegerField(
        label=gettext_lazy("Days"),
        min_value=0,
        max_value=MAX_KEEP_DAYS,
        required=False,
        help_text=gettext_lazy("0: for ever. Empty: as everywhere on this site."),
    )
    reason = reason_field()


class KeepDays(Confirmation):
    name = "keep"
    label = gettext_lazy("Set how long messages are kept…")
    title = gettext_lazy("Set how long messages are kept")
    button = gettext_lazy("Set, and remove what is older for good")
    form = KeepDaysForm
    columns = (gettext_lazy("room"), gettext_lazy("messages"), gettext_lazy("kept now"))

    def introduction(self) -> str:
        return _("What is older is removed for everybody, and cannot come back.")

    def cells(self, row: Room) -> Sequence[object]:
        return room_link(row), row.last_seq - row.pruned_to_seq, term_of(row.keep_days)

    def seen(self, wanted: dict[str, Any]) -> Sequence[tuple[object, object]]:
        days = read_keep_days(wanted.get("days"))
        return [(room_link(room), going_sentence(count_going(room, days))) for room in self.chosen]

    def act(self, row: Room, wanted: dict[str, Any]) -> None:
        set_keep_days(
            actor=self.request.user,
            room_id=row.pk,
            days=wanted["days"],
            reason=wanted["reason"],
            action_id=self.click,
        )

    def done(self, count: int) -> str:
        return ngettext("%d room was changed.", "%d rooms were changed.", count) % count


def going_sentence(count: int) -> str:
    """What goes at once."""
    if not count:
        return _("No message is that old now.")
    return (
        ngettext(
            "%d message goes, and cannot come back.",
            "%d messages go, and cannot come back.",
            count,
        )
        % count
    )


def term_of(keep_days: int | None) -> str:
    """For how long, in words."""
    days = read_keep_days(keep_days)
    words = ngettext("%d day", "%d days", days) % days if days else _("For ever")
    return words if keep_days is not None else _("As everywhere on this site: %s") % words
