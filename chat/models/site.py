"""The site as a whole: one row, with what holds in every room."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.room import Room


class Site(models.Model):
    """Read with the rooms' locks by every batch of posts, so that a switch holds at once."""

    class Level(models.TextChoices):
        """How far the site has closed itself, in a raid for one."""

        NORMAL = "normal", _("normal")
        MEMBERS = "members", _("members only")
        APPROVE_FIRST = "approve_first", _("approve first")
        READ_ONLY = "read_only", _("read-only")

    level = models.CharField(_("level"), max_length=13, choices=Level.choices, default=Level.NORMAL)
    # One more whenever a word rule changes: processes know by it that theirs are old.
    rules_revision = models.BigIntegerField(default=0, editable=False)
    # Where moderators hear of new reports; made with the first of them.
    moderators_room = models.ForeignKey(
        Room, on_delete=models.PROTECT, related_name="+", null=True, editable=False
    )

    class Meta:
        verbose_name = _("site")

    def __str__(self) -> str:
        return self.get_level_display()
