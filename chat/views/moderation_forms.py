"""The forms by which a room is moderated from its settings; judged by the actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.models import Room, WordRule
from chat.models.word_rule import MAX_PATTERN_CHARS

OTHER = "other"
SLOW_MODES: list[tuple[str, str | Promise]] = [
    ("0", _("Off")),
    ("10", _("10 seconds")),
    ("30", _("30 seconds")),
    ("60", _("1 minute")),
    ("300", _("5 minutes")),
    ("3600", _("1 hour")),
    (OTHER, _("Another time")),
]


def _choices(of: type[Any]) -> list[tuple[str, str]]:
    return [(value, capfirst(label)) for value, label in of.choices]


class SwitchesForm(forms.Form):
    """Slow mode, who may post, and whose posts wait."""

    slow_mode = forms.ChoiceField(
        label=_("Slow mode"),
        choices=SLOW_MODES,
        help_text=_("How long a member waits between two messages. Moderators do not wait."),
    )
    seconds = forms.IntegerField(
        label=_("Seconds between two messages of one member"),
        min_value=0,
        max_value=protocol.MAX_SLOW_MODE_S,
        required=False,
    )
    posting = forms.ChoiceField(label=_("Who may post"), choices=_choices(Room.Posting))
    approve_first = forms.ChoiceField(
        label=_("Whose messages wait for approval"),
        choices=_choices(Room.ApproveFirst),
        help_text=_("Until a moderator approves them, their author and the moderators see them."),
    )

    @classmethod
    def of(cls, room: Room) -> SwitchesForm:
        """Return the form as the room stands."""
        seconds = str(room.slow_mode_s)
        is_listed = seconds in dict(SLOW_MODES)
        return cls(
            initial={
                "slow_mode": seconds if is_listed else OTHER,
                "seconds": None if is_listed else room.slow_mode_s,
                "posting": room.posting,
                "approve_first": room.approve_first,
            }
        )

    def clean(self) -> dict[str, Any]:
        """Leave the seconds, whichever of the two fields says them, in ``slow_mode``."""
        wanted: dict[str, Any] = super().clean() or {}
        if wanted.get("slow_mode") != OTHER:
            return {**wanted, "slow_mode": int(wanted.get("slow_mode") or 0)}
        if wanted.get("seconds") is None and "seconds" not in self.errors:
            self.add_error("seconds", _("Say how many seconds."))
        return {**wanted, "slow_mode": wanted.get("seconds") or 0}


class RuleForm(forms.Form):
    """A new word rule."""

    use_required_attribute = False

    pattern = forms.CharField(
        label=_("Words"),
        max_length=MAX_PATTERN_CHARS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(label=_("How they are read"), choices=_choices(WordRule.Kind))
    outcome = forms.ChoiceField(
        label=_("What happens to the message"),
        choices=_choices(WordRule.Outcome),
        initial=WordRule.Outcome.HOLD,
    )
    sentence = forms.CharField(
        label=_("What its author reads where it is refused"),
        required=False,
        max_length=protocol.MAX_REASON_CHARS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
