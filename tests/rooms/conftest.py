"""Everybody whom the role tables know, by what they are to ada's rooms."""

from __future__ import annotations

import pytest

from chat.actions import members, rooms, sanctions
from chat.models import Room, User
from tests.conftest import let_in, make_moderator, make_person

Cast = dict[str, User | None]


@pytest.fixture
def cast(ada: User, bob: User, eve: User, mallory: User, cellar: Room, lobby: Room) -> Cast:
    """The people of a role table; ``nobody`` is not signed in."""
    olive = make_person("olive")
    rooms.create_room(actor=olive, name="Olive’s own")
    cast: Cast = {
        "nobody": None,
        "switched off": mallory,
        "outsider": eve,
        "member": bob,
        "owner": ada,
        "moderator elsewhere": olive,
        "guest": make_person("gus", kind=User.Kind.GUEST),
        "site moderator": make_moderator("stan"),
        "staff without rights": make_person("sam", is_staff=True),
    }
    for name in ("moderator", "muted", "banned", "banned moderator", "former member"):
        cast[name] = person = make_person(name.replace(" ", "-"))
        for room in (cellar, lobby):
            let_in(room, person, "moderator" if "moderator" in name else "member")
            _bring_down(ada, person, room, name)
    return cast


def _bring_down(ada: User, person: User, room: Room, name: str) -> None:
    if name == "muted":
        sanctions.mute(actor=ada, user_id=person.pk, room_id=room.pk)
    elif name.startswith("banned"):
        sanctions.ban(actor=ada, user_id=person.pk, room_id=room.pk)
    elif name == "former member":
        members.leave_room(actor=person, room_id=room.pk)
