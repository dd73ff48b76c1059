"""Whether a post may be made, and whether it waits: judged under the room's lock.

Nothing here asks the database; a batch of posts reads once what all of them need.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chat import errors
from chat.models import HeldPost, Membership, Room, Site, User
from chat.standing import Standings

LEADING_ROLES = frozenset({Membership.Role.OWNER, Membership.Role.MODERATOR})
Level = Site.Level


@dataclass(slots=True)
class Poster:
    """What must be known of an author to judge a post of theirs."""

    kind: str = User.Kind.MEMBER
    is_active: bool = True
    is_staff: bool = False
    is_newcomer: bool = False
    role: str | None = None
    standings: Standings = field(default_factory=Standings)
    last_posted_at: datetime | None = None
    """In this room, while it has slow mode."""

    @property
    def leads(self) -> bool:
        """Whether they moderate the room, by role or as staff: then nothing slows them down."""
        return self.is_staff or self.role in LEADING_ROLES

    @property
    def is_guest(self) -> bool:
        return self.kind == User.Kind.GUEST


def check_may_see(room: Room, role: str | None) -> None:
    """Refuse the outsider of a room that is not open. Raises ``NotFoundError``."""
    if room.kind != Room.Kind.OPEN and role is None:
        raise errors.NotFoundError


def check_can_write(room: Room, poster: Poster, level: str = Level.NORMAL) -> None:
    """Judge whether somebody may write in a room at all, in a new post or an old one.

    Raises ``SignInError, NotFoundError, BannedError, NotAMemberError, ArchivedError,
    MutedError, SiteReadOnlyError, MembersOnlyError, ModeratorsOnlyError``.
    """
    if not poster.is_active:
        raise errors.SignInError
    check_may_see(room, poster.role)
    if (ban := poster.standings.ban_in(room.pk)) is not None:
        raise ban.refusal
    if poster.role is None:
        raise errors.NotAMemberError
    if room.is_archived:
        raise errors.ArchivedError
    if (mute := poster.standings.mute_in(room.pk)) is not None:
        raise mute.refusal
    _check_open_to(room, poster, level)


def _check_open_to(room: Room, poster: Poster, level: str) -> None:
    """Judge by whom the site and the room are open to."""
    if level == Level.NORMAL and room.posting == Room.Posting.EVERYONE:
        return
    if level == Level.READ_ONLY and not poster.is_staff:
        raise errors.SiteReadOnlyError
    if room.posting == Room.Posting.MODERATORS and not poster.leads:
        raise errors.ModeratorsOnlyError
    if poster.is_guest and (level != Level.NORMAL or room.posting != Room.Posting.EVERYONE):
        # Approve-first lets guests in, to wait; it is the rooms' own switch too.
        if level == Level.APPROVE_FIRST and room.posting == Room.Posting.EVERYONE:
            return
        raise errors.MembersOnlyError


def check_pace(room: Room, poster: Poster, now: datetime) -> None:
    """Judge slow mode. Raises ``SlowModeError`` with the seconds that are left."""
    if not room.slow_mode_s or poster.leads or poster.last_posted_at is None:
        return
    since = now - poster.last_posted_at
    left = timedelta(seconds=room.slow_mode_s) - since
    # A post of the future: the clock was set back, and nobody waits until it has caught up.
    if left > timedelta(0) and since >= timedelta(0):
        raise errors.SlowModeError(retry_after=max(0.1, round(left.total_seconds(), 1)))


def cause_to_wait(room: Room, poster: Poster, level: str) -> str | None:
    """Return why a post waits for a moderator; None where it does not."""
    if poster.leads:
        return None
    wanted = room.approve_first
    if wanted == Room.ApproveFirst.NOBODY and level == Level.NORMAL:
        return None
    raid = level == Level.APPROVE_FIRST
    if wanted == Room.ApproveFirst.EVERYONE:
        return HeldPost.Cause.ROOM
    if poster.is_guest and (raid or wanted != Room.ApproveFirst.NOBODY):
        return HeldPost.Cause.GUEST
    if poster.is_newcomer and (raid or wanted == Room.ApproveFirst.NEWCOMERS):
        return HeldPost.Cause.NEWCOMER
    return None
