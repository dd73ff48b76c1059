"""Who did what to whom, and why. Rows are only ever added."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.models.guarded import NeverDeleted, ReadOnlyQuerySet
from chat.models.message import Message
from chat.models.room import Room


class AuditEntry(NeverDeleted):
    """One entry for each thing that one moderation action did."""

    class Verb(models.TextChoices):
        REDACT = "redact", _("redacted a message")
        RENAME_ROOM = "rename_room", _("renamed a room")
        SET_TOPIC = "set_topic", _("set a topic")
        ARCHIVE_ROOM = "archive_room", _("archived a room")
        RESTORE_ROOM = "restore_room", _("opened a room again")
        SET_ROLE = "set_role", _("changed a role")
        REMOVE_MEMBER = "remove_member", _("removed a member")
        DEACTIVATE = "deactivate", _("deactivated an account")
        ACTIVATE = "activate", _("activated an account")
        SET_STAFF = "set_staff", _("changed staff rights")
        END_SESSIONS = "end_sessions", _("signed a person out")
        ADD_PERSON = "add_person", _("made an account")
        RENAME_PERSON = "rename_person", _("renamed a person")
        SET_PASSWORD = "set_password", _("set a new password")

    verb = models.CharField(_("action"), max_length=20, choices=Verb.choices)
    # One click in the admin may do many things: they share this id.
    action_id = models.UUIDField(_("action id"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    target = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+", null=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+", null=True)
    reason = models.CharField(_("reason"), max_length=protocol.MAX_REASON_CHARS, blank=True)
    created_at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    objects = ReadOnlyQuerySet.as_manager()
    log = models.Manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} #{self.pk}"
