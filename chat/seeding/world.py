"""Makes the small world, through the actions, as an owner of the site would by hand."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils import timezone

from chat import names
from chat.actions import accounts, imports, members, messages, owner, people, rooms
from chat.actions.imports import ImportedMessage
from chat.database import writing
from chat.errors import OwnerLinkError
from chat.models import Membership, Message, Room, User
from chat.seeding.cast import CAST, OWNER, ROOMS, STAFF, Character, Place
from chat.seeding.talk import Line, conversations, read_talk
from chat.seeding.times import Clock

CHANCE = 20261120
"""The same world each time: only passwords, and the day, are new."""
EDITED = 30
REDACTED = 14
AFTERTHOUGHTS = (" (edit: typo)", " 👍", " — see below", " 🙂")
AFTERTHOUGHTS_ZH = (" 👍", " 😄", "！", " 🙏")
UNREAD = (0, 0, 0, 2, 5, 9, 14, 23, 41, 78)
"""How many messages people may have before them, in rooms that they follow."""


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
        for place, room in zip(ROOMS, world.rooms, strict=True):
            world.messages += _talk(chance, boss, cast, place, room)
        say("What was edited, redacted and read …")
        _edit(chance, world.rooms)
        _redact(chance, cast, world.rooms)
        _read(chance, world.rooms)
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
    accounts.set_staff(actor=boss, user_id=cast[STAFF].pk, staff=True, reason="Helps out.")
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


# --- What is said ---------------------------------------------------------------------------------


def _talk(chance: random.Random, boss: User, cast: list[User], place: Place, room: Room) -> int:
    said = _lines(chance, [cast[number] for number in place.people], place)
    times = Clock(chance).times([is_first for _, _, is_first in said], timezone.now())
    imports.import_messages(
        actor=boss,
        room_id=room.pk,
        messages=[
            ImportedMessage(author.pk, f"seed-{place.talk}-{number:05d}", text, at)
            for number, ((author, text, _), at) in enumerate(zip(said, times, strict=True))
        ],
    )
    return len(said)


def _lines(chance: random.Random, here: list[User], place: Place) -> list[tuple[User, str, bool]]:
    """Author, text, and whether a conversation begins here; ``place.messages`` of them."""
    said: list[tuple[User, str, bool]] = []
    for conversation in conversations(read_talk(place.talk), chance):
        speakers = _speakers(chance, here, conversation)
        for number, line in enumerate(conversation):
            said.append((speakers[line.speaker], line.text, number == 0))
        if len(said) >= place.messages:
            return said[: place.messages]
    raise AssertionError("Conversations never end.")


def _speakers(chance: random.Random, here: list[User], conversation: list[Line]) -> dict[str, User]:
    letters = sorted({line.speaker for line in conversation})
    return dict(zip(letters, chance.sample(here, len(letters)), strict=True))


# --- What happens to it ---------------------------------------------------------------------------


def _edit(chance: random.Random, made: list[Room]) -> None:
    """Some say it again, better."""
    for message in _some(chance, made, EDITED):
        is_chinese = any("\u4e00" <= char <= "\u9fff" for char in message.body)
        ending = chance.choice(AFTERTHOUGHTS_ZH if is_chinese else AFTERTHOUGHTS)
        messages.edit_message(
            actor=message.author, message_id=message.pk, body=f"{message.body}{ending}"
        )


def _redact(chance: random.Random, cast: list[User], made: list[Room]) -> None:
    """Some think better of it; and some are stopped."""
    chosen = _some(chance, made, REDACTED)
    half = len(chosen) // 2
    for message in chosen[:half]:
        messages.redact_messages(actor=message.author, message_ids=[message.pk])
    for message in chosen[half:]:
        messages.redact_messages(actor=cast[STAFF], message_ids=[message.pk], reason="Advertising.")


def _archive(cast: list[User], made: list[Room]) -> None:
    for place, room in zip(ROOMS, made, strict=True):
        if place.is_over:
            rooms.archive_room(
                actor=cast[place.people[0]], room_id=room.pk, reason="The move is done."
            )


def _some(chance: random.Random, made: list[Room], count: int) -> list[Message]:
    """Messages here and there, none of them redacted yet, more of the new than of the old."""
    chosen = []
    for number in range(count):
        room = made[number % len(made)]
        last = Message.objects.filter(room=room, redacted_at__isnull=True).order_by("-seq")
        reach = 40 if number % 2 else 400
        candidates = list(last.select_related("author")[:reach])
        chosen.append(chance.choice(candidates))
    return list({message.pk: message for message in chosen}.values())


def _read(chance: random.Random, made: list[Room]) -> None:
    """Everybody has read up to somewhere, and past their own last words."""
    for room in made:
        last_seq = Room.objects.get(pk=room.pk).last_seq
        for membership in Membership.objects.filter(room=room).select_related("user"):
            own = Message.objects.filter(room=room, author=membership.user).order_by("-seq").first()
            seq = max(last_seq - chance.choice(UNREAD), own.seq if own else 0)
            members.mark_read(actor=membership.user, room_id=room.pk, seq=seq)
