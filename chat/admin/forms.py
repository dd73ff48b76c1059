"""Forms whose fields are handed to actions; nothing of them is saved by themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.helpers import ActionForm as ListActionForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chat.errors import ChatError
from chat.protocol import MAX_REASON_CHARS


def reason_field() -> forms.CharField:
    """Why it is done: kept in the audit, where the staff reads it."""
    return forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=MAX_REASON_CHARS,
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "auto", "autocomplete": "off"}),
        help_text=_("Kept in the audit, where the staff can read it."),
    )


def shown_reason_field() -> forms.CharField:
    """Why somebody is sanctioned: they read it themselves."""
    return forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=MAX_REASON_CHARS,
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "auto", "autocomplete": "off"}),
        help_text=_("The person reads it. It is kept in the audit, too."),
    )


def note_field() -> forms.CharField:
    """What moderators alone read."""
    return forms.CharField(
        label=_("Private note"),
        required=False,
        max_length=MAX_REASON_CHARS,
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "auto", "autocomplete": "off"}),
        help_text=_("Read by moderators alone."),
    )


class ActionForm(forms.ModelForm):
    """A page of one row. What is wrong with a field, the action says, in ``refusal``."""

    refusal: ChatError | None = None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal is not None:
            raise ValidationError(self.refusal.text, code=self.refusal.code)
        return cleaned

    def _post_clean(self) -> None:
        """Leave the instance as the database has it: the action is who changes and judges."""


class ReasonedForm(ActionForm):
    """An ``ActionForm`` that asks why."""

    reason = reason_field()


class ListForm(ListActionForm):
    """What stands above a list: the action for the ticked rows, without a reason."""

    def clean_select_across(self) -> bool:
        # Only what was ticked and seen: "all that match" may be a million messages.
        return False


class ReasonedListForm(ListForm):
    """The action for the ticked rows, and why."""

    reason = forms.CharField(
        label=_("Reason:"),
        required=False,
        max_length=MAX_REASON_CHARS,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off", "size": 30}),
    )
