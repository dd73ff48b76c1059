"""The cast and their rooms: ada moderates, bob is a member, eve an outsider, mallory is out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import translation

from chat import address_bans, ranks, resume, snapshots, throttle, word_rules
from chat.actions import addresses, members, messages, rooms
from chat.hit_counter import HitCounter
from chat.models import Membership, Message, Room, Site, Store, User

pytest_plugins = [
    "tests.at_rest",
    "tests.figures",
    "tests.no_skips",
    "tests.postgresql_server",
    "tests.prepared_data",
    "tests.redis_server",
    "tests.stores",
]

PASSWORD = "three blind mice"
EPOCH = "testepoch"
Post = Callable[..., Message]


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> Iterator[None]:
    """Nobody is throttled, and nothing is remembered from the test before."""
    settings.POSTS_PER_MINUTE = settings.POSTS_BURST = 1_000_000
    _forget()
    yield
    _forget()


def _forget() -> None:
    throttle._post_limits.cache_clear()
    throttle._hits = HitCounter()
    snapshots._kept.clear()
    resume.store_epoch.cache_clear()
    word_rules._kept = word_rules.RuleSet(-1, ())
    address_bans._kept = (float("-inf"), address_bans.AddressBans())
    addresses._remembered.clear()
    translation.deactivate()


@pytest.fixture(autouse=True)
def store_row(request: pytest.FixtureRequest) -> None:
    """The rows of store and site are made by migrations, and flushed after tests that commit."""
    marked = request.node.get_closest_marker("django_db") is not None
    if marked or {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue("db")
        Store.objects.get_or_create(pk=1, defaults={"epoch": EPOCH})
        Site.objects.get_or_create(pk=1)


def make_person(name: str, **fields: Any) -> User:
    """Make an account that can sign in with ``PASSWORD``."""
    return User.objects.create_user(name, password=PASSWORD, **fields)


def make_moderator(name: str, **fields: Any) -> User:
    """Make an account that moderates the whole site."""
    return moderates_the_site(make_person(name, **fields))


def moderates_the_site(person: User, group: str = ranks.MODERATORS) -> User:
    """Put somebody into one of the site's groups."""
    User.objects.filter(pk=person.pk).update(is_staff=True)
    person.groups.add(ranks.site_group(group))
    return User.objects.get(pk=person.pk)


@pytest.fixture
def ada(db: None) -> User:
    """Owns the rooms, and so moderates them."""
    return make_person("ada", email="ada@example.org")


@pytest.fixture
def bob(db: None) -> User:
    """A member of the rooms."""
    return make_person("bob")


@pytest.fixture
def eve(db: None) -> User:
    """An outsider: signed in, and a member of nothing."""
    return make_person("eve")


@pytest.fixture
def mallory(db: None) -> User:
    """An account that was switched off, still in the rooms by its rows."""
    return make_person("mallory", is_active=False)


@pytest.fixture
def lobby(ada: User, bob: User) -> Room:
    """An open room: ada owns it, bob is a member."""
    room = rooms.create_room(actor=ada, name="The lobby")
    members.join_room(actor=bob, room_id=room.pk)
    return fresh(room)


@pytest.fixture
def cellar(ada: User, bob: User) -> Room:
    """A private room: ada owns it, bob is a member."""
    room = rooms.create_room(actor=ada, name="The cellar", kind=Room.Kind.PRIVATE)
    let_in(room, bob)
    return fresh(room)


def let_in(room: Room, user: User, role: str = Membership.Role.MEMBER) -> Membership:
    """Make somebody a member where they cannot join by themselves."""
    membership = Membership.log.create(room=room, user=user, role=role)
    Room.log.filter(pk=room.pk).update(member_count=Membership.objects.filter(room=room).count())
    return membership


def fresh(thing: Any) -> Any:
    """Return the row as the database has it now."""
    return type(thing).objects.get(pk=thing.pk)


_nonces = itertools.count(1)


def new_nonce() -> str:
    """A nonce that no test had before."""
    return f"nonce-{next(_nonces):08d}"


@pytest.fixture
def post() -> Post:
    """Post through the action and return the message."""

    def post_one(author: User, room: Room, body: str = "Hello.", nonce: str = "") -> Message:
        mark = messages.post_message(
            actor=author, room_id=room.pk, nonce=nonce or new_nonce(), body=body
        )
        return Message.objects.select_related("author").get(pk=mark.id)

    return post_one


def shown(text: str) -> str:
    """A parameter's name for the terminal, however odd or long it is."""
    return ascii(text)[:24]
