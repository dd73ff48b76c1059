"""Who stands above whom: on the site by group, in a room by role.

Nobody acts on somebody of their own rank or above it, nor on themselves. The site's
ranks stand above those of every room.
"""

from __future__ import annotations

from enum import IntEnum

from django.contrib.auth.models import Group, Permission
from django.db.models import Exists, Q
from django.utils.translation import gettext_lazy as _

from chat import errors
from chat.models import Membership, Sanction, User
from chat.models.sanction import ACTIVE

MODERATORS = "Moderators"
ADMINISTRATORS = "Administrators"
_PERMISSIONS = {MODERATORS: ["moderate"], ADMINISTRATORS: ["moderate", "administer"]}


class Rank(IntEnum):
    """What somebody is on the site, or in a room of it."""

    PERSON = 0
    ROOM_MODERATOR = 1
    ROOM_OWNER = 2
    MODERATOR = 3
    ADMINISTRATOR = 4
    OWNER = 5


_ROOM_RANKS = {
    Membership.Role.OWNER: Rank.ROOM_OWNER,
    Membership.Role.MODERATOR: Rank.ROOM_MODERATOR,
}


def site_rank(user: User) -> Rank:
    """Return the rank by which somebody acts on the whole site; ``PERSON`` where by none.

    A session that lacks the second factor which is required of staff gives none.
    """
    return held_rank(user) if user.acts_as_staff else Rank.PERSON


def held_rank(user: User) -> Rank:
    """Return the rank on the whole site that somebody has, whatever their session shows.

    It is asked of staff only, so that ordinary people cost no query.
    """
    if not user.is_active:
        return Rank.PERSON
    if user.is_superuser:
        return Rank.OWNER
    if not user.is_staff:
        return Rank.PERSON
    if user.has_perm("chat.administer"):
        return Rank.ADMINISTRATOR
    return Rank.MODERATOR if user.has_perm("chat.moderate") else Rank.PERSON


def moderates_site(user: User) -> bool:
    """Whether ``user`` moderates every room."""
    return site_rank(user) >= Rank.MODERATOR


def role_in(user_id: int, room_id: int) -> str | None:
    """Return somebody's role in a room; None for the outsider, and while they are banned."""
    barred = Sanction.objects.filter(
        ACTIVE, user_id=user_id, room_id=room_id, kind=Sanction.Kind.BAN
    )
    mine = Membership.objects.filter(~Exists(barred), room_id=room_id, user_id=user_id)
    return mine.values_list("role", flat=True).first()


def rank_in(user: User, room_id: int | None) -> Rank:
    """Return the rank in a room, the site's ranks first; of the site for ``None``."""
    rank = site_rank(user)
    if rank != Rank.PERSON or room_id is None:
        return rank
    return _room_rank(role_in(user.pk, room_id))


def _rank_though_banned(user: User, room_id: int | None) -> Rank:
    """Return the rank that a ban only suspends: an owner is put out for good by no moderator."""
    rank = rank_in(user, room_id)
    if rank != Rank.PERSON or room_id is None:
        return rank
    roles = Membership.objects.filter(room_id=room_id, user=user).values_list("role", flat=True)
    return _room_rank(roles.first())


def _room_rank(role: str | None) -> Rank:
    return _ROOM_RANKS.get(Membership.Role(role), Rank.PERSON) if role else Rank.PERSON


def check_outranks(actor: User, target: User, room_id: int | None) -> None:
    """Refuse to act on oneself and on those of one's own rank. Raises ``ForbiddenError``."""
    if actor.pk == target.pk:
        raise errors.ForbiddenError(_("You cannot do this to yourself."))
    if _rank_though_banned(target, room_id) >= rank_in(actor, room_id):
        raise errors.ForbiddenError(_("You cannot do this to somebody of your rank or above it."))


def not_outranked_by(user: User, room_id: int) -> set[int]:
    """Return the ids of those whom ``check_outranks`` keeps from ``user`` in a room."""
    rank = rank_in(user, room_id)
    staff = Q(is_superuser=True)
    if rank < Rank.OWNER:
        codenames = ["administer"] if rank == Rank.ADMINISTRATOR else ["moderate", "administer"]
        wanted = Permission.objects.filter(content_type__app_label="chat", codename__in=codenames)
        may = Q(groups__permissions__in=wanted) | Q(user_permissions__in=wanted)
        staff |= Q(is_staff=True) & may
    above = set(User.objects.filter(staff, is_active=True).values_list("pk", flat=True))
    if rank < Rank.MODERATOR:
        roles = [role for role, its_rank in _ROOM_RANKS.items() if its_rank >= rank]
        leading = Membership.objects.filter(room_id=room_id, role__in=roles)
        above |= set(leading.values_list("user_id", flat=True))
    return above | {user.pk}


def site_group(name: str) -> Group:
    """Return the group of that name with what it may; made again where it is missing."""
    group, _made = Group.objects.get_or_create(name=name)
    wanted = Permission.objects.filter(
        content_type__app_label="chat", codename__in=_PERMISSIONS[name]
    )
    group.permissions.add(*wanted)
    return group
