"""A word rule: what a text must not say, and what happens when it does."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.models.room import Room

MAX_PATTERN_CHARS = 500


class WordRule(models.Model):
    """How it matches is in ``chat/word_rules.py``."""

    class Kind(models.TextChoices):
        LITERAL = "literal", _("the words as they stand")
        WILDCARD = "wildcard", _("with * for any letters and ? for one")
        REGEX = "regex", _("regular expression (RE2)")

    class Outcome(models.TextChoices):
        REFUSE = "refuse", _("refuse it, with a sentence")
        HOLD = "hold", _("hold it for approval")
        REPORT = "report", _("let it pass and report it")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.LITERAL)
    pattern = models.CharField(_("pattern"), max_length=MAX_PATTERN_CHARS)
    outcome = models.CharField(
        _("what happens"), max_length=6, choices=Outcome.choices, default=Outcome.HOLD
    )
    # What the author reads where the post is refused; empty: a sentence of ours.
    sentence = models.CharField(_("sentence"), max_length=protocol.MAX_REASON_CHARS, blank=True)
    # None: every room.
    room = models.ForeignKey(
        Room,
        on_delete=models.PROTECT,
        related_name="word_rules",
        null=True,
        blank=True,
        verbose_name=_("room"),
    )
    is_active = models.BooleanField(_("in force"), default=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("word rule")
        verbose_name_plural = _("word rules")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.pattern
