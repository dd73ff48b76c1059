"""A person in a room, with a role and how far they have read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from chat.models.guarded import ReadOnlyQuerySet
from chat.models.room import Room


class Membership(models.Model):
    """Unread is a subtraction: ``room.last_seq - last_read_seq``."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        MODERATOR = "moderator", _("moderator")
        MEMBER = "member", _("member")

    # The unique constraint below begins with the room: no index of its own.
    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, related_name="memberships", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=9, choices=Role.choices, default=Role.MEMBER)
    last_read_seq = models.BigIntegerField(_("read up to"), default=0)
    # Written only in rooms with slow mode, where the next post is measured from it.
    last_posted_at = models.DateTimeField(null=True, editable=False)
    joined_at = models.DateTimeField(_("joined"), db_default=Now(), editable=False)

    objects = ReadOnlyQuerySet.as_manager()
    log = models.Manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="one_membership_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.user.display_name} · {self.room.name}"
