"""From where somebody came lately, so that an address can be banned with them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SeenAddress(models.Model):
    """Kept for ``ADDRESS_DAYS`` after it was last seen, and read by moderators alone."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="addresses", db_index=False
    )
    address = models.GenericIPAddressField(_("address"))
    seen_at = models.DateTimeField(_("last seen"), db_index=True)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.UniqueConstraint(fields=["user", "address"], name="one_row_an_address")
        ]

    def __str__(self) -> str:
        return self.address
