"""A ban of a network address, for those who come back under other names."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.models.guarded import NeverDeleted, ReadOnlyQuerySet


class AddressBan(NeverDeleted):
    """Whoever comes from ``network`` comes in by no door, unless they moderate the site."""

    # As ``ipaddress.ip_network`` writes it: 203.0.113.7/32, 2001:db8::/64.
    network = models.CharField(_("address or network"), max_length=43)
    reason = models.CharField(_("reason"), max_length=protocol.MAX_REASON_CHARS, blank=True)
    note = models.CharField(_("private note"), max_length=protocol.MAX_REASON_CHARS, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    objects = ReadOnlyQuerySet.as_manager()
    log = models.Manager()

    class Meta:
        verbose_name = _("address ban")
        verbose_name_plural = _("address bans")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["network"],
                condition=models.Q(lifted_at__isnull=True),
                name="one_ban_a_network",
            )
        ]

    def __str__(self) -> str:
        return self.network
