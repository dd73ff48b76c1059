"""What a redaction took away, kept apart for a while so that it can be judged and undone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.models.message import Message


class Evidence(models.Model):
    """Read by moderators alone; gone after ``EVIDENCE_DAYS``, or when the message is restored."""

    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="evidence")
    body = models.TextField(_("text"), max_length=protocol.MAX_BODY_CHARS)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Of the click that redacted it, and maybe others with it: undone together.
    action_id = models.UUIDField(_("action id"), db_index=True)
    expires_at = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return str(self.message)
