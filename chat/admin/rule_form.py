"""The form of a word rule, with a text to try it on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat import word_rules as matching
from chat.admin.fields import RoomField
from chat.admin.forms import ReasonedForm
from chat.errors import BadPatternError
from chat.models import WordRule
from chat.protocol import MAX_BODY_CHARS

TRY = "_try"
"""The button that tries the rule out, and saves nothing."""


class WordRuleForm(ReasonedForm):
    room = RoomField(
        label=gettext_lazy("Room"), required=False, help_text=gettext_lazy("Empty: every room.")
    )
    sample = forms.CharField(
        label=gettext_lazy("Text to try"),
        required=False,
        max_length=MAX_BODY_CHARS,
        widget=forms.Textarea(attrs={"class": "vTextField", "rows": 3, "dir": "auto"}),
        help_text=gettext_lazy("What somebody might write. Trying saves nothing."),
    )
    is_trial = False
    verdict: SafeString | None = None

    class Meta:
        model = WordRule
        fields = ["kind", "pattern", "outcome", "sentence", "is_active"]
        help_texts = {
            "pattern": gettext_lazy("Letter case, width and invisible characters do not count."),
            "sentence": gettext_lazy(
                "What the author reads where it is refused. Empty: a sentence of ours."
            ),
            "is_active": gettext_lazy("Switched off, it is kept, and nobody is asked by it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields.keys() & {"pattern", "sentence"}:
            self.fields[name].widget.attrs.update(dir="auto", autocomplete="off")

    def is_valid(self) -> bool:
        """A trial is never saved: the page is shown again, with what came of it."""
        is_valid = super().is_valid()
        if is_valid and self.is_trial:
            self._try_out()
        return is_valid and not self.is_trial

    def _try_out(self) -> None:
        rule, sample = self.cleaned_data, self.cleaned_data["sample"]
        try:
            expression = matching.compile_pattern(rule["kind"], rule["pattern"])
        except BadPatternError as refusal:
            self.add_error("pattern", refusal.text)
            return
        found = expression.search(matching.as_read(sample))
        if found is None:
            self.verdict = format_html("{}", _("The rule does not match this text."))
            return
        said = _("The rule matches this text, at:")
        self.verdict = format_html("{} <mark><bdi>{}</bdi></mark>", said, found.group(0).strip())
