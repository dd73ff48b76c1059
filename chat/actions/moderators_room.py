"""The moderators' room: private, with a line for each new case of reports."""

from __future__ import annotations

import itertools
import logging

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from chat import errors, names, room_names
from chat.actions.members import end_membership
from chat.announce import tell_person
from chat.changes import Change, open_change
from chat.database import writing
from chat.models import Membership, ReportCase, Room, Site, User
from chat.post_intents import PostIntent
from chat.posting import Outcome, commit_posts

logger = logging.getLogger(__name__)

HERALD_NAME = "Moderation"
REASON_CHARS = 200
CASES_AT_ONCE = 20


def tell_new_cases(*, actor: None = None) -> int:
    """Put a line in the moderators' room for each case that has none; return how many.

    ``actor`` is nobody: the site does it by itself. Any process may, again and again: the
    nonce of a line is made from its case, so that it is there once.
    """
    cases = ReportCase.objects.filter(is_told=False).select_related("message__author", "room")
    found = list(cases.order_by("pk")[:CASES_AT_ONCE])
    if not found:
        return 0
    with writing():
        room, herald = _room(), _herald()
        # Its owner, so that the room has one whoever comes and goes.
        _join(room, herald, Membership.Role.OWNER)
    with translation.override(settings.LANGUAGE_CODE):
        intents = [
            PostIntent(herald.pk, room.pk, f"report-case-{case.pk}", _line(case)) for case in found
        ]
    outcomes = commit_posts(intents)
    told = [case.pk for case, outcome in zip(found, outcomes, strict=True) if _is_said(outcome)]
    with writing():
        ReportCase.log.filter(pk__in=told).update(is_told=True)
    return len(told)


def _is_said(outcome: Outcome) -> bool:
    """Whether the line is there: a conflict says that it is, in other words than ours."""
    if not isinstance(outcome, errors.ChatError) or isinstance(outcome, errors.NonceConflictError):
        return True
    logger.warning("a line about a new report has to wait: %s", outcome.code)
    return False


def _line(case: ReportCase) -> str:
    """What the room reads: where, about whom, why, and a link to the case. No text of it."""
    report = case.reports.order_by("pk").first()
    reason = Truncator(report.reason if report else "").chars(REASON_CHARS)
    address = reverse("admin:chat_reportcase_change", args=[case.pk])
    said = _("New report in %(room)s: a message by %(author)s.") % {
        "room": _room_name(case.room),
        "author": case.message.author.display_name,
    }
    quoted = _("“%(reason)s”") % {"reason": reason} if reason else ""
    lines = [said, quoted, f"{settings.SITE_URL}{address}"]
    return "\n".join(line for line in lines if line)


def _room_name(room: Room) -> str:
    return room.name if room.kind == Room.Kind.OPEN else _("a private room")


def admit_moderator(person: User) -> None:
    """Let somebody into the room, in the open transaction, once there is one."""
    room_id = Site.objects.filter(pk=1).values_list("moderators_room_id", flat=True).first()
    if room_id is not None:
        with open_change(room_id) as change:
            _admit(change, person, Membership.Role.MEMBER)


def dismiss_moderator(person: User) -> None:
    """Put somebody out of the room who does not moderate any more."""
    room_id = Site.objects.filter(pk=1).values_list("moderators_room_id", flat=True).first()
    if room_id is None:
        return
    membership = Membership.objects.filter(room_id=room_id, user=person).first()
    if membership is not None:
        with open_change(room_id) as change:
            end_membership(change, membership)


def _room() -> Room:
    """Return the room; made, with everybody who moderates the site, at the first need."""
    site, _made = Site.objects.select_for_update().get_or_create(pk=1)
    if site.moderators_room is not None:
        return site.moderators_room
    with translation.override(settings.LANGUAGE_CODE):
        name = room_names.clean_room_name(_("Moderators"))
        topic = _("What was reported, and what to do about it. Only moderators are here.")
    room = Room.log.create(
        kind=Room.Kind.PRIVATE,
        name=name,
        name_key=room_names.name_key(name),
        topic=topic,
        revision=1,
        facts_revision=1,
    )
    site.moderators_room = room
    site.save(update_fields=["moderators_room"])
    for person in _everybody_who_moderates():
        is_owner = person.is_superuser
        _join(room, person, Membership.Role.OWNER if is_owner else Membership.Role.MEMBER)
    return room


def _everybody_who_moderates() -> list[User]:
    may = Permission.objects.filter(content_type__app_label="chat", codename="moderate")
    people = User.objects.filter(is_active=True).filter(
        Q(is_superuser=True) | Q(is_staff=True, groups__permissions__in=may)
    )
    return list(people.distinct().order_by("pk"))


def _herald() -> User:
    """Return the account that writes the lines. Nobody can sign in as it."""
    heralds = User.objects.filter(kind=User.Kind.BOT, display_name__startswith=HERALD_NAME)
    if (herald := heralds.order_by("pk").first()) is not None:
        return herald
    numbered = (f"{HERALD_NAME} {number}" for number in itertools.count(2))
    free = next(name for name in itertools.chain([HERALD_NAME], numbered) if not _is_taken(name))
    return User.objects.create_user(free, kind=User.Kind.BOT)


def _is_taken(name: str) -> bool:
    return User.objects.filter(name_skeleton=names.skeleton(name)).exists()


def _join(room: Room, person: User, role: str) -> None:
    with open_change(room.pk) as change:
        _admit(change, person, role)


def _admit(change: Change, person: User, role: str) -> None:
    _membership, is_new = Membership.log.get_or_create(
        room=change.room, user=person, defaults={"role": role}
    )
    if is_new:
        change.set_facts(member_count=change.room.member_count + 1)
        tell_person(person.pk)
