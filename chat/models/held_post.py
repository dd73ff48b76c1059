"""A held post: it waits for a moderator, seen by its author and the moderators only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.models.guarded import NeverDeleted, ReadOnlyQuerySet
from chat.models.message import Message
from chat.models.room import Room


class HeldPost(NeverDeleted):
    """It has no place in the room: approving it gives it the next one."""

    class Cause(models.TextChoices):
        GUEST = "guest", _("posted by a guest")
        NEWCOMER = "newcomer", _("posted by a newcomer")
        ROOM = "room", _("every post of the room waits")
        WORDS = "words", _("a word rule")

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="held_posts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="held_posts",
        db_index=False,
    )
    nonce = models.CharField(max_length=protocol.MAX_NONCE_CHARS)
    nonce_digest = models.BinaryField(max_length=32)
    body = models.TextField(_("text"), max_length=protocol.MAX_BODY_CHARS, blank=True)
    cause = models.CharField(_("why it waits"), max_length=8, choices=Cause.choices)
    created_at = models.DateTimeField(_("posted"), db_default=Now(), editable=False)
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.WAITING
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    reason = models.CharField(_("reason"), max_length=protocol.MAX_REASON_CHARS, blank=True)
    message = models.OneToOneField(
        Message, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    # When the author's window said that they have read the outcome.
    heard_at = models.DateTimeField(null=True, blank=True)

    objects = ReadOnlyQuerySet.as_manager()
    log = models.Manager()

    class Meta:
        verbose_name = _("held post")
        verbose_name_plural = _("held posts")
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["room", "id"],
                condition=models.Q(status="waiting"),
                name="waiting_posts",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["author", "nonce"], name="one_intent_one_held_post")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
