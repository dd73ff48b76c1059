"""A sanction: a mute, a ban or a kick, with its term and its reason."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.models.guarded import NeverDeleted, ReadOnlyQuerySet
from chat.models.room import Room

ACTIVE = models.Q(lifted_at__isnull=True) & (
    models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=Now())
)
"""Which sanctions bite now, by the clock of the database, which all processes share."""
STANDING = models.Q(lifted_at__isnull=True) & models.Q(kind__in=["mute", "ban"])


class Sanction(NeverDeleted):
    """What somebody may not do, where, until when and why. It stays here when it is over."""

    class Kind(models.TextChoices):
        MUTE = "mute", _("mute")
        BAN = "ban", _("ban")
        KICK = "kick", _("kick")

    kind = models.CharField(_("sanction"), max_length=4, choices=Kind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="sanctions",
        verbose_name=_("person"),
    )
    # None: the whole site.
    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, related_name="sanctions", null=True, verbose_name=_("room")
    )
    # Shown to the person.
    reason = models.CharField(_("reason"), max_length=protocol.MAX_REASON_CHARS, blank=True)
    # Read by moderators alone.
    note = models.CharField(_("private note"), max_length=protocol.MAX_REASON_CHARS, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    action_id = models.UUIDField(_("action id"))
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)
    # None: for ever. A kick is over as soon as it is done.
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = ReadOnlyQuerySet.as_manager()
    log = models.Manager()

    class Meta:
        verbose_name = _("sanction")
        verbose_name_plural = _("sanctions")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["user", "kind"],
                condition=models.Q(lifted_at__isnull=True),
                name="standing_sanctions",
            ),
            models.Index(fields=["expires_at"], name="sanctions_by_end"),
        ]
        constraints = [
            # A new one takes the place of the one before. Two, since of NULLs there may be many.
            models.UniqueConstraint(
                fields=["user", "room", "kind"],
                condition=STANDING & models.Q(room__isnull=False),
                name="one_sanction_of_a_kind_a_room",
            ),
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=STANDING & models.Q(room__isnull=True),
                name="one_sanction_of_a_kind_a_site",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
