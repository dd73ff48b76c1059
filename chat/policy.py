"""Who may do what. ``access_*`` fetches and authorises in one call.

A private thing that is not the actor's is refused with the same error as a thing
that does not exist, so that nobody can feel for it.
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet

from chat import errors
from chat.models import Membership, Message, Room, User
from chat.rows import read_row

Actor = User | AnonymousUser
LEADING_ROLES = frozenset({Membership.Role.OWNER, Membership.Role.MODERATOR})


def actor_now(user_id: int) -> Actor:
    """Return the person as the database has them now; nobody where there is none."""
    return read_row(User, "id = %s", [user_id]) or AnonymousUser()


def check_signed_in(actor: Actor) -> User:
    """Return ``actor`` if they are signed in and active; raises ``SignInError``."""
    if not isinstance(actor, User) or not actor.is_active:
        raise errors.SignInError
    return actor


def visible_rooms(actor: Actor) -> QuerySet[Room]:
    """Return the rooms that ``actor`` may read: open ones, and their own."""
    user = check_signed_in(actor)
    mine = Membership.objects.filter(user=user).values("room_id")
    return Room.objects.filter(Q(kind=Room.Kind.OPEN) | Q(pk__in=mine))


def access_room(actor: Actor, room_id: int) -> Room:
    """Return the room if ``actor`` may read it; raises ``SignInError, NotFoundError``."""
    user = check_signed_in(actor)
    room = read_row(
        Room,
        "id = %s AND (kind = 'open' OR EXISTS"
        " (SELECT 1 FROM chat_membership WHERE room_id = chat_room.id AND user_id = %s))",
        [room_id, user.pk],
    )
    if room is None:
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
    """Return the role of ``actor`` in the room; None for the outsider."""
    return (
        Membership.objects.filter(room_id=room_id, user=actor)
        .values_list("role", flat=True)
        .first()
    )


def check_may_see(room: Room, role: str | None) -> None:
    """Refuse the outsider of a room that is not open. Raises ``NotFoundError``."""
    if room.kind != Room.Kind.OPEN and role is None:
        raise errors.NotFoundError


def check_can_post(room: Room, role: str | None, *, is_active: bool = True) -> None:
    """Judge a post under the room's lock.

    Raises ``SignInError, NotFoundError, NotAMemberError, ArchivedError``.
    """
    if not is_active:
        raise errors.SignInError
    check_may_see(room, role)
    if role is None:
        raise errors.NotAMemberError
    if room.is_archived:
        raise errors.ArchivedError


def check_can_edit(actor: User, room: Room, message: Message) -> None:
    """Only authors edit, and only where they could post."""
    check_can_post(room, role_in(actor, room.pk), is_active=actor.is_active)
    if message.author_id != actor.pk:
        raise errors.ForbiddenError
    if message.is_tombstone:
        raise errors.RedactedError


def leads(actor: User, room_id: int) -> bool:
    """Whether ``actor`` moderates the room: by role there, or as staff of the site."""
    return actor.is_staff or role_in(actor, room_id) in LEADING_ROLES


def check_leads(actor: User, room: Room) -> None:
    """Raises ``NotFoundError`` for the outsider of a private room, else ``ForbiddenError``."""
    role = role_in(actor, room.pk)
    if actor.is_staff or role in LEADING_ROLES:
        return
    check_may_see(room, role)
    raise errors.ForbiddenError


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


def check_staff(actor: Actor) -> User:
    """Raises ``ForbiddenError`` for everybody who is not staff of the site."""
    user = check_signed_in(actor)
    if not user.is_staff:
        raise errors.ForbiddenError
    return user


def memberships_of(actor: User) -> QuerySet[Membership]:
    """Return the actor's memberships with their rooms, archived rooms last."""
    return (
        Membership.objects.filter(user=actor)
        .select_related("room")
        .order_by(F("room__archived_at").asc(nulls_first=True), "room__name_key", "room_id")
    )
