"""Join a room, leave it, read it, and who is what in it."""

from __future__ import annotations

import uuid

from chat import errors, policy, ranks
from chat.actions import audit
from chat.announce import tell_person, tell_read
from chat.changes import Change, open_change
from chat.models import AuditEntry, Membership, Room
from chat.policy import Actor
from chat.ranks import Rank
from chat.read_marks import ReadIntent, commit_reads
from chat.standing import standing_of
from chat.writer import writer


def join_room(*, actor: Actor, room_id: int) -> Membership:
    """Make ``actor`` a member of an open room, and return the membership.

    Whoever joins starts with nothing unread. A member already, nothing changes. Raises
    ``SignInError, NotFoundError`` (also for rooms that are not open), ``ArchivedError,
    BannedError``.
    """
    user = policy.check_signed_in(actor)
    with open_change(room_id) as change:
        if (ban := standing_of(user.pk).ban_in(room_id)) is not None:
            raise ban.refusal
        known = Membership.objects.filter(room_id=room_id, user=user).first()
        if known is not None:
            return known
        if change.room.kind != Room.Kind.OPEN:
            raise errors.NotFoundError
        if change.room.is_archived:
            raise errors.ArchivedError
        membership = Membership.log.create(
            room=change.room, user=user, last_read_seq=change.room.last_seq
        )
        change.set_facts(member_count=change.room.member_count + 1)
        tell_person(user.pk)
    return membership


def leave_room(*, actor: Actor, room_id: int) -> None:
    """End the actor's own membership. Raises ``NotFoundError``, ``LastOwnerError``."""
    user = policy.check_signed_in(actor)
    with open_change(room_id) as change:
        end_membership(change, _membership(change.room, user.pk))


def set_role(
    *,
    actor: Actor,
    room_id: int,
    user_id: int,
    role: str,
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> None:
    """Make a member an owner, a moderator or a member again.

    Owners and staff may. Raises ``NotFoundError, ForbiddenError, LastOwnerError``.
    """
    user = policy.check_signed_in(actor)
    new_role = Membership.Role(role)
    with open_change(room_id) as change:
        policy.check_leads(user, change.room)
        if ranks.rank_in(user, room_id) < Rank.ROOM_OWNER:
            raise errors.ForbiddenError
        membership = _membership(change.room, user_id)
        if membership.role == new_role:
            return
        if membership.role == Membership.Role.OWNER:
            _check_another_owner(membership)
        membership.role = new_role
        membership.save(update_fields=["role"])
        # The list of people is not a fact of the room, but it is seen: let windows ask again.
        change.set_facts()
        tell_person(user_id)
        audit.record(
            actor=user,
            verb=AuditEntry.Verb.SET_ROLE,
            reason=reason,
            target=membership.user,
            room=change.room,
            details=new_role,
            action_id=action_id,
        )


def mark_read(*, actor: Actor, room_id: int, seq: int) -> None:
    """Remember that ``actor`` has seen the room up to ``seq``; it never goes back.

    ``seq`` past the newest message means the newest. For who is no member nothing is
    remembered. Raises ``SignInError, BusyError``.
    """
    user = policy.check_signed_in(actor)
    [seen] = commit_reads([ReadIntent(user.pk, room_id, seq)])
    if seen is not None:
        tell_read(user.pk, room_id, seen)


async def amark_read(*, actor: Actor, room_id: int, seq: int) -> None:
    """Do as ``mark_read``, through the group-commit writer of this process."""
    user = policy.check_signed_in(actor)
    seen = await writer.read(ReadIntent(user.pk, room_id, seq))
    if seen is not None:
        tell_read(user.pk, room_id, seen)


def _membership(room: Room, user_id: int) -> Membership:
    membership = (
        Membership.objects.filter(room=room, user_id=user_id).select_related("user").first()
    )
    if membership is None:
        raise errors.NotFoundError
    return membership


def end_membership(change: Change, membership: Membership) -> None:
    """End a membership in an open change of its room. Raises ``LastOwnerError``."""
    if membership.role == Membership.Role.OWNER and change.room.member_count > 1:
        _check_another_owner(membership)
    Membership.log.filter(pk=membership.pk).delete()
    change.set_facts(member_count=change.room.member_count - 1)
    tell_person(membership.user_id)


def _check_another_owner(membership: Membership) -> None:
    others = Membership.objects.filter(
        room_id=membership.room_id, role=Membership.Role.OWNER
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise errors.LastOwnerError
