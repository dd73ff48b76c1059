"""Every page and every address of the API, asked by everybody: the role table's first half."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from PIL import Image

from chat.actions import profile
from chat.actions.invitations import create_invitation
from tests.roles.answers import comparable, word_for
from tests.roles.table import PAGES, differences
from tests.roles.world import PEOPLE, STAFF, Missing, Things, World

Asked = Things | Missing
Ask = Callable[[Client, Any], Any]


def get(name: str, **arguments: str) -> Ask:
    """Ask for a page; ``arguments`` name the things that its address has."""
    return lambda client, things: client.get(_address(name, things, arguments))


def submit(name: str, form: dict[str, str] | None = None, **arguments: str) -> Ask:
    """Send a form."""
    return lambda client, things: client.post(_address(name, things, arguments), form or {})


def _address(name: str, things: Asked, arguments: dict[str, str]) -> str:
    return reverse(name, kwargs={key: getattr(things, value) for key, value in arguments.items()})


def _picture(client: Client, things: Things) -> Any:
    file = BytesIO()
    Image.new("RGB", (9, 9)).save(file, "PNG")
    bob = things.world.bob
    profile.update_profile(actor=bob, picture=SimpleUploadedFile("me.png", file.getvalue()))
    bob.refresh_from_db()
    return client.get(f"/media/{bob.picture.name}")


def _revoke(client: Client, things: Things) -> Any:
    made, _token = create_invitation(actor=things.world.olga, note="", uses=1, days=1)
    return client.post(reverse("chat:revoke_invitation", args=[made.pk]))


ROOM = {"room_id": "room"}
SOMEBODY = {"room_id": "room", "user_id": "victim"}
SWITCHES = {"slow_mode": "0", "posting": "members", "approve_first": "guests"}
RULE = {"pattern": "gold", "kind": "literal", "outcome": "refuse", "sentence": ""}
ASK: dict[str, Ask] = {
    "room": get("chat:room", **ROOM),
    "history": get("chat:history", **ROOM),
    "people": get("chat:people", **ROOM),
    "pins": get("chat:pins", **ROOM),
    "sanctions": get("chat:sanctions", **ROOM),
    "room_settings": get("chat:room_settings", **ROOM),
    "rename": submit("chat:room_settings", {"name": "Renamed", "topic": ""}, **ROOM),
    "archive_room": submit("chat:archive_room", **ROOM),
    "restore_room": submit("chat:restore_room", **ROOM),
    "set_switches": submit("chat:set_switches", SWITCHES, **ROOM),
    "add_rule": submit("chat:add_rule", RULE, **ROOM),
    "remove_rule": submit("chat:remove_rule", room_id="room", rule_id="rule"),
    "lift": submit("chat:lift", room_id="room", sanction_id="sanction"),
    "keep_days": submit("chat:keep_days", {"days": "30"}, **ROOM),
    "set_role": submit("chat:set_role", {"role": "moderator"}, **SOMEBODY),
    "remove_member": submit("chat:remove_member", **SOMEBODY),
    "join_room": submit("chat:join_room", **ROOM),
    "leave_room": submit("chat:leave_room", **ROOM),
    "rooms": get("chat:rooms"),
    "my_rooms": lambda client, things: client.get(
        reverse("chat:room", args=[things.world.other_room.pk])
    ),
    "make_room": submit("chat:rooms", {"name": "Quite another", "topic": ""}),
    "home": get("chat:home"),
    "owner": lambda client, _things: client.get(reverse("chat:owner", args=["no-such-token"])),
    "profile": get("chat:profile"),
    "sign_out_everywhere": submit("chat:sign_out_everywhere"),
    "picture": _picture,
    "invitations": get("chat:invitations"),
    "invite": submit("chat:invitations", {"note": "", "uses": "1", "days": "1"}),
    "revoke_invitation": _revoke,
    "set_language": submit("set_language", {"language": "en"}),
}
LISTS = {"rooms", "my_rooms"}
"""What is asked of them is whether they name the room."""
FORMS_OF_THE_SAME_PAGE = {"rename": "room_settings", "make_room": "rooms", "invite": "invitations"}
NO_PAGE_OF_ITS_OWN = {*FORMS_OF_THE_SAME_PAGE, "my_rooms"}


def client_of(world: World, who: str) -> Client:
    client = Client()
    if who in world.people:
        client.force_login(world.people[who])
    return client


@contextmanager
def undone() -> Iterator[None]:
    """Whatever was done in here never was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _asked(world: World, who: str, door: str) -> str:
    client = client_of(world, who)
    response = ASK[door](client, Things(world, who))
    word = word_for(response, client)
    if door in LISTS and word == "ok" and "The room" not in response.content.decode():
        return "none"
    return word


@pytest.mark.parametrize(("door", "kind"), PAGES, ids=map(" ".join, PAGES))
@pytest.mark.usefixtures("db")
def test_everybody_gets_the_answer_of_the_table(door: str, kind: str) -> None:
    world = World("open" if kind == "-" else kind)
    expected, answers = PAGES[door, kind], {}
    for who in PEOPLE:
        with undone():
            answers[who] = _asked(world, who, door)
    assert differences(answers, expected) == {}


@pytest.mark.parametrize(
    "door",
    [
        door
        for (door, kind), row in PAGES.items()
        if kind == "private" and "none" in row.values() and door not in LISTS
    ],
)
@pytest.mark.usefixtures("db")
def test_what_is_private_is_answered_as_what_never_was(door: str) -> None:
    world = World("private")
    for who in PEOPLE:
        if PAGES[door, "private"][who] not in ("none", "door"):
            continue
        both = []
        things = Things(world, who)
        assert things.victim
        for asked in (things, Missing(things)):
            with undone():
                response = ASK[door](client_of(world, who), asked)
                both.append(comparable(response))
        assert both[0] == both[1], who


# --- No door without a row ---------------------------------------------------------------


def _named(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every address of the site and its name."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _named(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.name or ""


ELSEWHERE = ("admin/", "accounts/")
"""The admin has a table of its own; behind accounts/ everybody meets only their own account."""


def test_every_address_of_the_site_stands_in_the_table() -> None:
    addresses = [
        name
        for route, name in _named(get_resolver().url_patterns)
        if not route.startswith(ELSEWHERE)
    ]
    assert set(addresses) == {door for door, _kind in PAGES} - NO_PAGE_OF_ITS_OWN
    assert {door for door, _kind in PAGES} == ASK.keys()


SIGNING_IN_AND_OUT = ("account_login", "account_logout", "mfa_authenticate")
"""Until somebody has signed in nobody knows who they are."""


def _own_doors() -> list[str]:
    found = []
    for route, name in _named(get_resolver().url_patterns):
        if route.startswith("accounts/") and name not in SIGNING_IN_AND_OUT:
            found.append(route)
    return found


@pytest.mark.usefixtures("db")
def test_who_is_banned_from_the_site_comes_to_no_door_of_an_account() -> None:
    """Whatever stands there in the address: the refusal comes before any view."""
    world = World("open")
    client = client_of(world, "barred")
    doors = _own_doors()
    assert len(doors) > 10
    for route in doors:
        path = "/" + route.partition("<")[0].partition("(")[0].removeprefix("^")
        for response in (client.get(path), client.post(path)):
            assert word_for(response, client) in ("out", "none"), path


@pytest.mark.usefixtures("db")
def test_staff_stands_at_the_end_of_the_table() -> None:
    world = World("open")
    assert {who for who, user in world.people.items() if user.is_staff} == set(STAFF)
