"""Mute, ban and kick somebody, in a room or on the whole site; and lift it again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Now

from chat import errors, policy
from chat.actions import audit
from chat.actions.members import end_membership
from chat.announce import tell_person
from chat.changes import Change, open_change
from chat.database import writing
from chat.models import AuditEntry, Membership, Room, Sanction, User
from chat.models.sanction import ACTIVE
from chat.policy import Actor
from chat.standing import ends_at, store_now

Kind = Sanction.Kind


def mute(
    *,
    actor: Actor,
    user_id: int,
    room_id: int | None = None,
    term: timedelta | None = None,
    until: datetime | None = None,
    reason: str = "",
    note: str = "",
    action_id: uuid.UUID | None = None,
) -> Sanction:
    """Let somebody read, but not write: for a ``term``, ``until`` a time, or for ever.

    In a room, or with ``room_id`` None on the whole site. ``reason`` is shown to them,
    ``note`` to moderators alone. Takes the place of the mute before, if there is one.
    Raises ``SignInError, NotFoundError, ForbiddenError, BadFieldError``.
    """
    return _sanction(
        Kind.MUTE, actor, user_id, room_id, term, until, reason, note, action_id or uuid.uuid4()
    )


def ban(
    *,
    actor: Actor,
    user_id: int,
    room_id: int | None = None,
    term: timedelta | None = None,
    until: datetime | None = None,
    reason: str = "",
    note: str = "",
    action_id: uuid.UUID | None = None,
) -> Sanction:
    """Put somebody out, and let them in by no door until it is over. As ``mute`` otherwise.

    The membership stays, so that who was banned for an hour is back where they were, but a
    moderator comes back as a member.
    """
    return _sanction(
        Kind.BAN, actor, user_id, room_id, term, until, reason, note, action_id or uuid.uuid4()
    )


def _sanction(
    kind: Sanction.Kind,
    actor: Actor,
    user_id: int,
    room_id: int | None,
    term: timedelta | None,
    until: datetime | None,
    reason: str,
    note: str,
    action_id: uuid.UUID,
) -> Sanction:
    user = policy.check_signed_in(actor)
    with _where(room_id) as change:
        target = policy.check_can_sanction(user, user_id, room_id)
        ends = ends_at(term, until)
        _make_room_for(kind, user, target, room_id)
        sanction = Sanction.log.create(
            kind=kind,
            user=target,
            room_id=room_id,
            reason=reason,
            note=note,
            actor=user,
            action_id=action_id,
            expires_at=ends,
        )
        if kind == Kind.BAN and change is not None:
            _take_role(change, target)
        _record(user, sanction)
        tell_person(target.pk)
    return sanction


@contextmanager
def _where(room_id: int | None) -> Iterator[Change | None]:
    """Take the room in which somebody is sanctioned; on the site there is none to take.

    The room comes before the rows of its people, as everywhere, so that nobody waits for
    each other; and no post of theirs is judged while it is being decided.
    """
    if room_id is None:
        with writing():
            yield None
        return
    with open_change(room_id) as change:
        yield change


def _make_room_for(kind: Sanction.Kind, actor: User, target: User, room_id: int | None) -> None:
    """End the sanction whose place a new one takes; one that is over ended by itself."""
    if room_id is None:
        # No room is locked, so the person is, as far as others who sanction them are concerned.
        list(User.objects.select_for_update(no_key=True).filter(pk=target.pk).values_list("pk"))
    place = Q(room__isnull=True) if room_id is None else Q(room_id=room_id)
    before = Sanction.log.filter(place, user=target, kind=kind, lifted_at=None)
    before.filter(expires_at__lte=Now()).update(lifted_at=F("expires_at"))
    before.update(lifted_at=Now(), lifted_by=actor)


def _take_role(change: Change, target: User) -> None:
    moderating = Membership.log.filter(
        user=target, room_id=change.room.pk, role=Membership.Role.MODERATOR
    )
    if moderating.update(role=Membership.Role.MEMBER):
        # Who is what is seen in the list of people: let windows ask again.
        change.set_facts()


def kick(
    *,
    actor: Actor,
    user_id: int,
    room_id: int | None = None,
    reason: str = "",
    note: str = "",
    action_id: uuid.UUID | None = None,
) -> Sanction:
    """Put somebody out now; they may return. From a room, or signed out of the whole site.

    Raises ``SignInError, NotFoundError, ForbiddenError, LastOwnerError``.
    """
    user = policy.check_signed_in(actor)
    with _where(room_id) as change:
        target = policy.check_can_sanction(user, user_id, room_id)
        if change is None:
            User.objects.filter(pk=target.pk).update(session_generation=F("session_generation") + 1)
        else:
            _end_membership(change, target)
        sanction = Sanction.log.create(
            kind=Kind.KICK,
            user=target,
            room_id=room_id,
            reason=reason,
            note=note,
            actor=user,
            action_id=action_id or uuid.uuid4(),
            expires_at=store_now(),
        )
        _record(user, sanction)
        tell_person(target.pk)
    return sanction


def _end_membership(change: Change, target: User) -> None:
    """End the membership. Who only reads an open room has none. Raises ``NotFoundError``."""
    membership = Membership.objects.filter(room=change.room, user=target).first()
    if membership is not None:
        end_membership(change, membership)
    elif change.room.kind != Room.Kind.OPEN:
        raise errors.NotFoundError


def lift(
    *, actor: Actor, sanction_id: int, reason: str = "", action_id: uuid.UUID | None = None
) -> None:
    """End a mute or a ban before its time. Who may set it may lift it.

    Raises ``SignInError, NotFoundError, ForbiddenError``, and ``DecidedError`` where it is
    over already.
    """
    user = policy.check_signed_in(actor)
    sanction = Sanction.objects.filter(pk=sanction_id).select_related("user", "room").first()
    if sanction is None:
        raise errors.NotFoundError
    with _where(sanction.room_id):
        policy.check_can_sanction(user, sanction.user_id, sanction.room_id)
        standing = Sanction.log.filter(ACTIVE, pk=sanction_id).exclude(kind=Kind.KICK)
        if not standing.update(lifted_at=Now(), lifted_by=user):
            raise errors.DecidedError
        audit.record(
            actor=user,
            verb=AuditEntry.Verb.LIFT,
            reason=reason,
            target=sanction.user,
            room=sanction.room,
            action_id=action_id,
            details=sanction.kind,
        )
        tell_person(sanction.user_id)


def _record(actor: User, sanction: Sanction) -> None:
    term = ""
    if sanction.kind != Kind.KICK:
        ends = sanction.expires_at
        term = f"{ends:%Y-%m-%d %H:%M} UTC" if ends is not None else "for ever"
    audit.record(
        actor=actor,
        verb=AuditEntry.Verb(sanction.kind),
        reason=sanction.reason,
        target=sanction.user,
        room=sanction.room,
        action_id=sanction.action_id,
        details=term,
    )
