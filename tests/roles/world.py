"""One room and everybody who may come to its doors, each in a role of their own."""

from __future__ import annotations

import itertools
from datetime import timedelta
from functools import cached_property
from types import SimpleNamespace

from django.utils import timezone

from chat.actions import members, pins, redaction, reports, rooms, sanctions, word_rules
from chat.changes import open_change
from chat.holding import hold_post
from chat.models import HeldPost, Membership, Message, Room, User
from chat.ranks import ADMINISTRATORS
from tests.conftest import let_in, make_person, moderates_the_site, new_nonce

PEOPLE = (
    *("anonymous", "guest", "outsider", "member", "muted", "banned", "barred"),
    *("former", "elsewhere", "moderator", "owner", "keeper", "administrator", "olga"),
)
"""The columns of the tables. ``barred`` is banned from the site, ``elsewhere`` moderates
another room, ``keeper`` the whole site, which ``olga`` owns. The guest is a member here."""
STAFF = PEOPLE[-3:]
MISSING = 987_654_321
_numbers = itertools.count(1)


class World:
    """A room of one kind, with bob, who says things in it, and everybody else."""

    def __init__(self, kind: str) -> None:
        self.olga = User.objects.create_superuser("olga", email="olga@example.org")
        self.people: dict[str, User] = {"olga": self.olga}
        for name in PEOPLE[1:-1]:
            kind_of = User.Kind.GUEST if name == "guest" else User.Kind.MEMBER
            self.people[name] = make_person(name, kind=kind_of)
        self.people["keeper"] = moderates_the_site(self.people["keeper"])
        self.people["administrator"] = moderates_the_site(
            self.people["administrator"], ADMINISTRATORS
        )
        self.bob = make_person("bob")
        self.room = rooms.create_room(actor=self.people["owner"], name="The room", kind=kind)
        for name in ("guest", "member", "muted", "banned", "barred", "former", "moderator"):
            let_in(self.room, self.people[name])
        let_in(self.room, self.bob)
        self._place_them()

    def _place_them(self) -> None:
        by, people, room_id = self.people["owner"], self.people, self.room.pk
        members.set_role(
            actor=by, room_id=room_id, user_id=people["moderator"].pk, role="moderator"
        )
        sanctions.mute(actor=by, user_id=people["muted"].pk, room_id=room_id, reason="Loud.")
        sanctions.ban(actor=by, user_id=people["banned"].pk, room_id=room_id, reason="Spam.")
        sanctions.ban(actor=self.olga, user_id=people["barred"].pk, reason="Spam everywhere.")
        members.leave_room(actor=people["former"], room_id=room_id)
        self.other_room = rooms.create_room(actor=self.bob, name="Another room")
        let_in(self.other_room, people["elsewhere"], Membership.Role.MODERATOR)
        self.room.refresh_from_db()


class Things:
    """What one request is about, made new when it is asked for, so that no cell knows another."""

    def __init__(self, world: World, who: str) -> None:
        self.world = world
        self.actor = world.people.get(who, world.bob)
        """Whose own thing is meant where it must be one's own."""

    @property
    def room(self) -> int:
        return self.world.room.pk

    def _said_by(self, author: User) -> int:
        with open_change(self.room) as change:
            nonce = new_nonce()
            message = change.add(
                Message(
                    author=author,
                    nonce=nonce,
                    nonce_digest=b"",
                    body=f"Said: {nonce}",
                    created_at=timezone.now(),
                )
            )
        return message.pk

    @cached_property
    def message(self) -> int:
        """Said by bob."""
        return self._said_by(self.world.bob)

    @cached_property
    def own_message(self) -> int:
        """Said by whoever asks, while they could."""
        return self._said_by(self.actor)

    @cached_property
    def tombstone(self) -> int:
        """Redacted by the room's owner; its text is still kept."""
        redaction.redact_messages(actor=self.world.people["owner"], message_ids=[self.message])
        return self.message

    @cached_property
    def pinned(self) -> int:
        pins.pin_message(actor=self.world.people["owner"], message_id=self.message)
        return self.message

    @cached_property
    def victim(self) -> int:
        """A plain member."""
        person = make_person(f"victim {next(_numbers)}")
        let_in(self.world.room, person)
        return person.pk

    @cached_property
    def sanction(self) -> int:
        """A mute of the victim."""
        by = self.world.people["owner"]
        return sanctions.mute(
            actor=by, user_id=self.victim, room_id=self.room, term=timedelta(hours=1)
        ).pk

    @cached_property
    def rule(self) -> int:
        """A word rule of the room."""
        by = self.world.people["owner"]
        return word_rules.add_rule(actor=by, room_id=self.room, pattern=new_nonce()).pk

    @cached_property
    def held(self) -> int:
        """A post of bob's that waits."""
        return hold_post(
            author_id=self.world.bob.pk,
            room_id=self.room,
            nonce=new_nonce(),
            digest=b"",
            body="May I?",
            cause=HeldPost.Cause.ROOM,
        ).pk

    @cached_property
    def report(self) -> int:
        """A report that bob's friend made, and that was decided on."""
        friend = make_person(f"friend {next(_numbers)}")
        let_in(self.world.room, friend)
        case = reports.report_message(actor=friend, message_id=self.message, reason="Rude.")
        reports.decide_case(actor=self.world.people["owner"], case_id=case.pk, outcome="dismissed")
        return case.reports.get().pk


class Missing(SimpleNamespace):
    """The same request about things that never were."""

    def __init__(self, things: Things) -> None:
        super().__init__(
            **dict.fromkeys(("room", "message", "own_message", "tombstone", "pinned"), MISSING),
            **dict.fromkeys(("sanction", "held", "report", "rule"), MISSING),
            victim=things.victim,
        )


KINDS = (Room.Kind.OPEN, Room.Kind.PRIVATE)
