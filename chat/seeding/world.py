"""Makes the small world, through the actions, as an owner of the site would by hand."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from chat import names
from chat.actions import imports, members, owner, people, rooms, site_roles
from chat.database import writing
from chat.errors import OwnerLinkError
from chat.models import Membership, Room, User
from chat.seeding import aftermath, speech
from chat.seeding.cast import CAST, OWNER, ROOMS, STAFF, Character, Place
from chat.seeding.trouble import trouble

CHANCE = 20261120
"""The same world each time: only passwords, and the day, are new."""
AT_ONCE = 40
"""So many messages are brought in at once, room by room."""


class SeededError(Exception):
    """There is a small world here already, or somebody has one of its names."""


@dataclass
class World:
    """What was made."""

    accounts: list[tuple[User, str]] = field(default_factory=list)
    """People with their passwords, which are nowhere else."""
    rooms: list[Room] = field(default_factory=list)
    messages: int = 0


def make_world(say: Callable[[str], object]) -> World:
    """Make everybody and everything, and return it. ``say`` is told what is under way.

    Raises ``SeededError`` before anything is made.
    """
    _check_not_seeded()
    chance = random.Random(CHANCE)  # noqa: S311 - a world that is the same each time
    world = World()
    # All of it or nothing: half a world could be neither used nor finished.
    with writing():
        say("People …")
        boss, cast = _make_people(world)
        say("Rooms …")
        world.rooms = [_make_room(boss, cast, place) for place in ROOMS]
        say("Messages …")
        world.messages = _talk(chance, boss, cast, world.rooms)
        say("What was edited, redacted, reported and read …")
        aftermath.edit(chance, world.rooms)
        aftermath.redact(chance, cast[STAFF], world.rooms)
        trouble(boss, cast, cast[STAFF], world.rooms)
        aftermath.read(chance, world.rooms)
        _archive(cast, world.rooms)
    return world


def _check_not_seeded() -> None:
    looks = [names.skeleton(character.name) for character in CAST]
    found = User.objects.filter(name_skeleton__in=looks).first()
    if found is not None:
        raise SeededError(found.display_name)


def _make_people(world: World) -> tuple[User, list[User]]:
    """Return an owner of the site, who acts, and the cast."""
    boss = _boss(world)
    made = {person.display_name: person for person, _ in world.accounts}
    cast = [made.get(each.name) or _make_person(world, boss, each) for each in CAST]
    site_roles.set_site_role(
        actor=boss, user_id=cast[STAFF].pk, site_role="moderator", reason="Helps out."
    )
    return boss, [User.objects.get(pk=person.pk) for person in cast]


def _boss(world: World) -> User:
    """An owner of the site; a site without one gets its first from the cast, by the link."""
    found = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if found is not None:
        return found
    link = owner.offer_owner_link()
    if link is None:
        raise OwnerLinkError
    password = _new_password()
    boss = owner.claim_ownership(
        token=link.rstrip("/").rsplit("/", 1)[-1],
        display_name=CAST[OWNER].name,
        password=password,
        language=CAST[OWNER].language,
    )
    world.accounts.append((boss, password))
    return boss


def _make_person(world: World, boss: User, character: Character) -> User:
    password = _new_password()
    person = people.add_person(
        actor=boss,
        display_name=character.name,
        password=password,
        language=character.language,
        hue=character.hue,
    )
    world.accounts.append((person, password))
    return person


def _new_password() -> str:
    return secrets.token_urlsafe(9)


def _make_room(boss: User, cast: list[User], place: Place) -> Room:
    first, second, *others = (cast[number] for number in place.people)
    room = rooms.create_room(actor=first, name=place.name, topic=place.topic)
    for person in (second, *others):
        members.join_room(actor=person, room_id=room.pk)
    if boss not in cast:
        # Whoever made this world should see it from the inside.
        members.join_room(actor=boss, room_id=room.pk)
    members.set_role(
        actor=first, room_id=room.pk, user_id=second.pk, role=Membership.Role.MODERATOR
    )
    return room


def _talk(chance: random.Random, boss: User, cast: list[User], made: list[Room]) -> int:
    """Say everything in the order in which it was said, over all rooms; return how much."""
    said = [
        (room, message)
        for place, room in zip(ROOMS, made, strict=True)
        for message in speech.messages_of(chance, cast, place)
    ]
    said.sort(key=lambda one: one[1].created_at)
    for slice_ in (said[start : start + AT_ONCE] for start in range(0, len(said), AT_ONCE)):
        for room in made:
            here = [message for where, message in slice_ if where == room]
            if here:
                imports.import_messages(actor=boss, room_id=room.pk, messages=here)
    return len(said)


def _archive(cast: list[User], made: list[Room]) -> None:
    for place, room in zip(ROOMS, made, strict=True):
        if place.is_over:
            rooms.archive_room(
                actor=cast[place.people[0]], room_id=room.pk, reason="The move is done."
            )
