"""Reports: what readers complain of, and the case that each reported message makes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chat import protocol
from chat.models.guarded import NeverDeleted, ReadOnlyQuerySet
from chat.models.message import Message
from chat.models.room import Room


class ReportCase(NeverDeleted):
    """One reported message: all its reports together, and what was decided."""

    class Outcome(models.TextChoices):
        OPEN = "", pgettext_lazy("report", "open")
        DISMISSED = "dismissed", _("dismissed")
        REDACTED = "redacted", _("redacted")
        MUTED = "muted", _("redacted, author muted")
        BANNED = "banned", _("redacted, author banned")

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="cases")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("first reported"), db_default=Now(), editable=False)
    reported_at = models.DateTimeField(_("last reported"), db_default=Now(), editable=False)
    report_count = models.PositiveIntegerField(_("reports"), default=0)
    # Whether the moderators' room has its line about it.
    is_told = models.BooleanField(default=False, editable=False)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    reason = models.CharField(_("reason"), max_length=protocol.MAX_REASON_CHARS, blank=True)

    objects = ReadOnlyQuerySet.as_manager()
    log = models.Manager()

    class Meta:
        verbose_name = _("reported message")
        verbose_name_plural = _("reports")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["reported_at"],
                condition=models.Q(closed_at__isnull=True),
                name="open_cases",
            ),
            models.Index(fields=["id"], condition=models.Q(is_told=False), name="cases_to_be_told"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["message"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_case_a_message",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Report(NeverDeleted):
    """One reader's complaint about one message; a word rule complains without a reader."""

    case = models.ForeignKey(ReportCase, on_delete=models.PROTECT, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports", null=True
    )
    reason = models.CharField(_("reason"), max_length=protocol.MAX_REASON_CHARS, blank=True)
    created_at = models.DateTimeField(_("reported"), db_default=Now(), editable=False)
    # When the reporter's window said that they have read the outcome.
    heard_at = models.DateTimeField(null=True, blank=True)

    objects = ReadOnlyQuerySet.as_manager()
    log = models.Manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(fields=["case", "reporter"], name="one_report_a_reader")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
