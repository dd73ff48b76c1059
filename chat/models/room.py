"""A room: a numbered sequence of messages, and a clock."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from chat import protocol
from chat.models.guarded import NeverDeleted, ReadOnlyQuerySet

MAX_KEEP_DAYS = 3_650


class Room(NeverDeleted):
    """Where people talk.

    ``revision`` is the clock: every change ticks it. ``last_seq`` is the place
    of the newest message. A cursor below ``floor`` cannot be resumed from. Messages up to
    the place ``pruned_to_seq`` were removed when their time was over.
    """

    class Kind(models.TextChoices):
        OPEN = "open", _("open")
        PRIVATE = "private", _("private")
        DIRECT = "direct", _("direct")

    class Posting(models.TextChoices):
        """Who may post."""

        EVERYONE = "everyone", _("everyone")
        MEMBERS = "members", _("members with an account")
        MODERATORS = "moderators", _("moderators")

    class ApproveFirst(models.TextChoices):
        """Whose posts wait for a moderator."""

        NOBODY = "nobody", _("nobody’s")
        GUESTS = "guests", _("those of guests")
        NEWCOMERS = "newcomers", _("those of guests and newcomers")
        EVERYONE = "everyone", _("everyone’s")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.OPEN)
    name = models.CharField(_("name"), max_length=protocol.MAX_ROOM_NAME_CHARS)
    # The name case-folded: two open rooms may not share it.
    name_key = models.CharField(max_length=255, editable=False)
    topic = models.CharField(_("topic"), max_length=protocol.MAX_TOPIC_CHARS, blank=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    # Seconds between two posts of one member; 0: none.
    slow_mode_s = models.PositiveIntegerField(
        _("slow mode"), default=0, validators=[MaxValueValidator(protocol.MAX_SLOW_MODE_S)]
    )
    posting = models.CharField(
        _("who may post"), max_length=10, choices=Posting.choices, default=Posting.EVERYONE
    )
    approve_first = models.CharField(
        _("whose posts wait for approval"),
        max_length=9,
        choices=ApproveFirst.choices,
        default=ApproveFirst.NOBODY,
    )
    revision = models.BigIntegerField(_("revision"), default=0, editable=False)
    facts_revision = models.BigIntegerField(default=0, editable=False)
    last_seq = models.BigIntegerField(_("messages"), default=0, editable=False)
    floor = models.BigIntegerField(_("floor"), default=0, editable=False)
    # Days for which messages are kept; 0: for ever; null: as KEEP_DAYS says for the site.
    keep_days = models.PositiveIntegerField(
        _("days for which messages are kept"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_KEEP_DAYS)],
    )
    # The places 1 to this one are gone for good: retention removed them.
    pruned_to_seq = models.BigIntegerField(
        _("removed up to"), default=0, db_default=0, editable=False
    )
    member_count = models.PositiveIntegerField(_("members"), default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = ReadOnlyQuerySet.as_manager()
    log = models.Manager()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.UniqueConstraint(
                fields=["name_key"], condition=Q(kind="open"), name="open_room_name_once"
            ),
            models.CheckConstraint(
                condition=Q(floor__lte=F("revision")), name="floor_within_clock"
            ),
            models.CheckConstraint(
                condition=Q(last_seq__lte=F("revision")), name="every_message_ticked"
            ),
            models.CheckConstraint(
                condition=Q(pruned_to_seq__gte=0, pruned_to_seq__lte=F("last_seq")),
                name="pruned_within_places",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def days_kept(self) -> int:
        """For how many days what is said here is kept; 0 for ever."""
        days: int = settings.KEEP_DAYS if self.keep_days is None else self.keep_days
        return days

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None
