"""Who may do what. ``access_*`` fetches and authorises in one call.

A private thing that is not the actor's is refused with the same error as a thing
that does not exist, so that nobody can feel for it.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from chat import errors, ranks
from chat.models import Membership, Message, ReportCase, Room, Sanction, Site, User
from chat.models.sanction import ACTIVE
from chat.posting_rules import (
    LEADING_ROLES,
    Poster,
    cause_to_wait,
    check_can_write,
    check_may_see,
)
from chat.ranks import Rank, check_outranks, moderates_site, site_rank
from chat.rows import read_row
from chat.standing import BITES, IN_GOOD_STANDING, standing_of

Actor = User | AnonymousUser
_NOT_BANNED = (
    "NOT EXISTS (SELECT 1 FROM chat_sanction ban WHERE ban.user_id = %s"
    f" AND ban.room_id = chat_room.id AND ban.kind = 'ban' AND {BITES.format(s='ban')})"
)


def actor_now(user_id: int, *, acts_as_staff: bool = True) -> Actor:
    """Return the person as the database has them now; nobody where there is none.

    Whoever is switched off or banned from the site is nobody too.
    """
    user = read_row(User, f"id = %s AND {IN_GOOD_STANDING}", [user_id])
    if user is None:
        return AnonymousUser()
    user.acts_as_staff = acts_as_staff
    return user


def check_signed_in(actor: Actor) -> User:
    """Return ``actor`` if they are signed in and active; raises ``SignInError``."""
    if not isinstance(actor, User) or not actor.is_active:
        raise errors.SignInError
    return actor


def visible_rooms(actor: Actor) -> QuerySet[Room]:
    """Return the rooms that ``actor`` may read: open ones and their own, but for bans."""
    user = check_signed_in(actor)
    mine = Membership.objects.filter(user=user).values("room_id")
    barred = Sanction.objects.filter(
        ACTIVE, user=user, kind=Sanction.Kind.BAN, room__isnull=False
    ).values("room_id")
    return Room.objects.filter(Q(kind=Room.Kind.OPEN) | Q(pk__in=mine)).exclude(pk__in=barred)


def access_room(actor: Actor, room_id: int) -> Room:
    """Return the room if ``actor`` may read it.

    Raises ``SignInError, NotFoundError``, and ``BannedError`` for whoever knew the room.
    """
    user = check_signed_in(actor)
    room = read_row(
        Room,
        "id = %s AND (kind = 'open' OR EXISTS"
        " (SELECT 1 FROM chat_membership WHERE room_id = chat_room.id AND user_id = %s))"
        f" AND {_NOT_BANNED}",
        [room_id, user.pk, user.pk],
    )
    if room is None:
        if (ban := standing_of(user.pk).ban_in(room_id)) is not None:
            raise ban.refusal
        raise errors.NotFoundError
    return room


def access_message(actor: Actor, message_id: int) -> Message:
    """Return the message if ``actor`` may read its room; raises as ``access_room``."""
    message = (
        Message.objects.filter(pk=message_id, room__in=visible_rooms(actor))
        .select_related("author")
        .first()
    )
    if message is None:
        raise errors.NotFoundError
    return message


def role_in(actor: User, room_id: int) -> str | None:
    """Return the role of ``actor`` in the room; None for the outsider and the banned."""
    return ranks.role_in(actor.pk, room_id)


def access_reported(actor: Actor, message_id: int) -> Message:
    """Return a message that ``actor`` may moderate without being in its room.

    Whoever moderates the site may judge what was reported, wherever it was said. Raises
    ``SignInError, NotFoundError``.
    """
    user = check_signed_in(actor)
    if moderates_site(user) and ReportCase.objects.filter(message_id=message_id).exists():
        return Message.objects.select_related("author").get(pk=message_id)
    return access_message(user, message_id)


def check_can_edit(actor: User, room: Room, message: Message) -> None:
    """Only authors edit, and only where they could write at once.

    Raises as ``check_can_write``, ``ForbiddenError, RedactedError``, and
    ``NeedsApprovalError`` where a post of theirs would wait.
    """
    poster = Poster(
        kind=actor.kind,
        is_active=actor.is_active,
        is_staff=actor.is_staff,
        is_newcomer=is_newcomer(actor),
        role=role_in(actor, room.pk),
        standings=standing_of(actor.pk),
    )
    level = Site.objects.values_list("level", flat=True).get()
    check_can_write(room, poster, level)
    if message.author_id != actor.pk:
        raise errors.ForbiddenError
    if message.is_tombstone:
        raise errors.RedactedError
    if cause_to_wait(room, poster, level) is not None:
        # Else what was approved could be changed into what never would have been.
        raise errors.NeedsApprovalError


def is_newcomer(user: User) -> bool:
    """Whether an account is as new as ``NEWCOMER_HOURS`` says."""
    return user.date_joined > timezone.now() - timedelta(hours=settings.NEWCOMER_HOURS)


def leads(actor: User, room_id: int) -> bool:
    """Whether ``actor`` moderates the room: by role there, or the whole site."""
    return moderates_site(actor) or role_in(actor, room_id) in LEADING_ROLES


def check_leads(actor: User, room: Room) -> None:
    """Raises ``NotFoundError`` for the outsider of a private room, else ``ForbiddenError``."""
    role = role_in(actor, room.pk)
    if moderates_site(actor) or role in LEADING_ROLES:
        return
    check_may_see(room, role)
    raise errors.ForbiddenError


def check_owns(actor: User, room: Room) -> None:
    """What cannot be undone is for who owns the room, or moderates the site.

    Raises as ``check_leads``.
    """
    check_leads(actor, room)
    if ranks.rank_in(actor, room.pk) < Rank.ROOM_OWNER:
        raise errors.ForbiddenError


def access_led_room(actor: Actor, room_id: int) -> Room:
    """Return the room if ``actor`` moderates it. Raises as ``check_leads``, and ``SignInError``."""
    user = check_signed_in(actor)
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        raise errors.NotFoundError
    check_leads(user, room)
    return room


def check_reads_and_leads(actor: User, room: Room) -> None:
    """Refuse also who moderates the site, but is not in a private room: they cannot read it.

    Raises as ``check_leads``.
    """
    check_may_see(room, role_in(actor, room.pk))
    check_leads(actor, room)


def check_can_sanction(actor: User, user_id: int, room_id: int | None) -> User:
    """Return whom ``actor`` may mute, ban or kick there: who leads, those who stand below.

    ``room_id`` None means the whole site. Raises ``NotFoundError, ForbiddenError``.
    """
    if room_id is None:
        check_moderates_site(actor)
    else:
        access_led_room(actor, room_id)
    target = User.objects.filter(pk=user_id).first()
    if target is None:
        raise errors.NotFoundError
    check_outranks(actor, target, room_id)
    return target


def check_can_redact(actor: User, room: Room, message: Message) -> Message.RedactedBy:
    """Return as whom ``actor`` may redact: their own, or as a moderator of the room."""
    if message.author_id == actor.pk:
        check_may_see(room, role_in(actor, room.pk))
        return Message.RedactedBy.AUTHOR
    check_leads(actor, room)
    return Message.RedactedBy.MODERATOR


def check_can_create_room(actor: Actor) -> User:
    """Every signed-in member may make a room; guests may not."""
    user = check_signed_in(actor)
    if user.kind == User.Kind.GUEST:
        raise errors.ForbiddenError
    return user


def check_moderates_site(actor: Actor) -> User:
    """Raises ``ForbiddenError`` for everybody who does not moderate the whole site."""
    user = check_signed_in(actor)
    if not moderates_site(user):
        raise errors.ForbiddenError
    return user


def check_administers(actor: Actor) -> User:
    """Raises ``ForbiddenError`` for everybody who does not look after its accounts."""
    user = check_signed_in(actor)
    if site_rank(user) < Rank.ADMINISTRATOR:
        raise errors.ForbiddenError
    return user


def memberships_of(actor: User) -> QuerySet[Membership]:
    """Return the actor's memberships with their rooms, archived rooms last."""
    return (
        Membership.objects.filter(user=actor, room__in=visible_rooms(actor))
        .select_related("room")
        .order_by(F("room__archived_at").asc(nulls_first=True), "room__name_key", "room_id")
    )
