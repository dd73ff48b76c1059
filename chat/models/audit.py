"""Who did what to whom, and why. Rows are only ever added."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.models.guarded import NeverDeleted, ReadOnlyQuerySet, UnguardedWriteError
from chat.models.message import Message
from chat.models.room import Room

MAX_DETAILS_CHARS = 200


class AuditEntry(NeverDeleted):
    """One entry for each thing that one moderation action did."""

    class Verb(models.TextChoices):
        REDACT = "redact", _("redacted a message")
        RENAME_ROOM = "rename_room", _("renamed a room")
        SET_TOPIC = "set_topic", _("set a topic")
        ARCHIVE_ROOM = "archive_room", _("archived a room")
        RESTORE_ROOM = "restore_room", _("opened a room again")
        SET_ROLE = "set_role", _("changed a role")
        DEACTIVATE = "deactivate", _("deactivated an account")
        ACTIVATE = "activate", _("activated an account")
        END_SESSIONS = "end_sessions", _("signed a person out")
        ADD_PERSON = "add_person", _("made an account")
        RENAME_PERSON = "rename_person", _("renamed a person")
        SET_PASSWORD = "set_password", _("set a new password")
        RESET_SECOND_FACTOR = "reset_second_factor", _("removed a second factor")
        SET_SITE_ROLE = "set_site_role", _("changed a role on the site")
        MUTE = "mute", _("muted a person")
        BAN = "ban", _("banned a person")
        KICK = "kick", _("kicked a person")
        LIFT = "lift", _("lifted a sanction")
        BAN_ADDRESS = "ban_address", _("banned an address")
        LIFT_ADDRESS = "lift_address", _("lifted the ban of an address")
        RESTORE_MESSAGE = "restore_message", _("undid a redaction")
        PIN = "pin", _("pinned a message")
        UNPIN = "unpin", _("unpinned a message")
        APPROVE_POST = "approve_post", _("approved a post")
        REJECT_POST = "reject_post", _("rejected a post")
        DISMISS_REPORTS = "dismiss_reports", _("dismissed reports")
        SET_SLOW_MODE = "set_slow_mode", _("set slow mode")
        SET_POSTING = "set_posting", _("changed who may post")
        SET_APPROVE_FIRST = "set_approve_first", _("changed whose posts wait")
        SET_KEEP_DAYS = "set_keep_days", _("changed how long messages are kept")
        PRUNE = "prune", _("removed old messages")
        SET_LEVEL = "set_level", _("changed the level of the site")
        ADD_RULE = "add_rule", _("made a word rule")
        CHANGE_RULE = "change_rule", _("changed a word rule")
        REMOVE_RULE = "remove_rule", _("removed a word rule")
        EXPORT_AUDIT = "export_audit", _("exported the audit")

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
    # What the action was given, as words of the wire: "30", "1440 minutes", "203.0.113.7/32".
    details = models.CharField(_("details"), max_length=MAX_DETAILS_CHARS, blank=True)
    created_at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    objects = ReadOnlyQuerySet.as_manager()
    log = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["action_id"], name="audit_of_one_click"),
            # A rare verb is found without a look at every entry.
            models.Index(fields=["verb", "id"], name="audit_by_verb"),
        ]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} #{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry. Raises ``UnguardedWriteError`` for one that is there already."""
        if not self._state.adding:
            raise UnguardedWriteError("An AuditEntry is never changed; add another one.")
        super().save(*args, **kwargs)
