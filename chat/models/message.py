"""A message: a place in a room, an author, and a text while it is not redacted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.models.guarded import NeverDeleted, ReadOnlyQuerySet
from chat.models.room import Room


class Message(NeverDeleted):
    """``seq`` is its place, given once; ``revision`` the tick of its last change."""

    class RedactedBy(models.TextChoices):
        AUTHOR = "author", _("its author")
        MODERATOR = "moderator", _("a moderator")

    # The unique constraints below begin with room and author: no index of their own.
    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    seq = models.BigIntegerField(_("place"))
    revision = models.BigIntegerField(_("revision"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
    )
    nonce = models.CharField(max_length=protocol.MAX_NONCE_CHARS)
    # SHA-256 of the body as first posted: tells a retry from a conflict after an edit
    # or a redaction, when the text itself is no longer here to compare with.
    nonce_digest = models.BinaryField(max_length=32)
    body = models.TextField(_("text"), max_length=protocol.MAX_BODY_CHARS, blank=True)
    created_at = models.DateTimeField(_("posted"))
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    pinned_at = models.DateTimeField(_("pinned"), null=True, blank=True)
    redacted_at = models.DateTimeField(_("redacted"), null=True, blank=True)
    redacted_by = models.CharField(
        _("redacted by"), max_length=9, choices=RedactedBy.choices, blank=True
    )

    objects = ReadOnlyQuerySet.as_manager()
    log = models.Manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            # Few messages are redacted: to find them among a million costs posting nothing.
            models.Index(
                fields=["redacted_by", "id"],
                condition=models.Q(redacted_at__isnull=False),
                name="redacted_messages",
            ),
            models.Index(
                fields=["room", "pinned_at"],
                condition=models.Q(pinned_at__isnull=False),
                name="pinned_messages",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="one_message_a_place"),
            models.UniqueConstraint(fields=["room", "revision"], name="one_change_a_tick"),
            models.UniqueConstraint(fields=["author", "nonce"], name="one_intent_one_message"),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}#{self.seq}"

    @property
    def is_tombstone(self) -> bool:
        return self.redacted_at is not None
