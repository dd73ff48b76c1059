"""The list of rooms and a room's settings: who sees them, and what they do."""

from __future__ import annotations

import pytest
from django.test import Client

from chat.actions import members, rooms
from chat.models import AuditEntry, Membership, Room, User
from tests.conftest import fresh, make_moderator

pytestmark = pytest.mark.django_db


def in_browser(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def test_the_list_shows_open_rooms_and_no_private_ones(
    eve: User, lobby: Room, cellar: Room
) -> None:
    page = in_browser(eve).get("/rooms/").content.decode()
    assert "The lobby" in page
    assert "cellar" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("LOBBY", True),
        ("lob", True),
        ("咖啡", True),
        ("attic", False),
        ("%", False),
        ("_", False),
        ("' OR 1=1 --", False),
        ("\0", True),
        ("x" * 10_000, False),
    ],
)
def test_rooms_are_found_by_name_and_topic(
    ada: User, eve: User, lobby: Room, query: str, found: bool
) -> None:
    rooms.set_topic(actor=ada, room_id=lobby.pk, topic="喝咖啡的地方")
    answer = in_browser(eve).get("/rooms/", {"q": query})
    assert answer.status_code == 200
    assert ("The lobby" in answer.content.decode()) is found


@pytest.mark.parametrize("page", ["0", "-1", "9999999999999", "two", "\0", ""])
def test_a_strange_page_number_is_no_fault(eve: User, lobby: Room, page: str) -> None:
    assert in_browser(eve).get("/rooms/", {"page": page}).status_code == 200


def test_eve_makes_a_room_and_owns_it(eve: User) -> None:
    answer = in_browser(eve).post("/rooms/", {"name": "Attic", "topic": "up here"})
    room = Room.objects.get()
    assert answer.headers["Location"] == f"/rooms/{room.pk}/"
    assert Membership.objects.get(room=room, user=eve).role == "owner"


@pytest.mark.parametrize("name", ["", "  ", "the LOBBY", "x" * 81, "a\u202eb", "a\0b", "\u200b"])
def test_a_bad_name_for_a_room_is_refused_on_the_form(eve: User, lobby: Room, name: str) -> None:
    answer = in_browser(eve).post("/rooms/", {"name": name, "topic": ""})
    assert answer.status_code == 200
    assert answer.context["form"].errors["name"]
    assert Room.objects.count() == 1


def test_a_stranger_signs_in_first(lobby: Room) -> None:
    stranger = in_browser(None)
    for path in ("/rooms/", f"/rooms/{lobby.pk}/settings/"):
        assert stranger.get(path).headers["Location"].startswith("/accounts/login/")
    assert stranger.post("/rooms/", {"name": "Attic"}).status_code == 302
    assert Room.objects.count() == 1


def test_eve_joins_and_leaves(eve: User, lobby: Room) -> None:
    browser = in_browser(eve)
    browser.post(f"/rooms/{lobby.pk}/join/")
    assert Membership.objects.filter(room=lobby, user=eve).exists()
    browser.post(f"/rooms/{lobby.pk}/leave/")
    assert not Membership.objects.filter(room=lobby, user=eve).exists()


def test_a_get_changes_nothing(ada: User, bob: User, lobby: Room) -> None:
    browser = in_browser(ada)
    verbs = (
        "join",
        "leave",
        "archive",
        "restore",
        f"people/{bob.pk}/role",
        f"people/{bob.pk}/remove",
    )
    for verb in verbs:
        assert browser.get(f"/rooms/{lobby.pk}/{verb}/").status_code == 405
    assert not AuditEntry.objects.exists()


def test_without_csrf_nothing_is_changed(ada: User, lobby: Room) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    assert browser.post(f"/rooms/{lobby.pk}/archive/").status_code == 403
    assert not fresh(lobby).is_archived


# Who may see the settings of a room, and who may change them there.
ROLES = [
    # person, room, sees, changes
    ("nobody", "lobby", 302, 302),
    ("mallory", "lobby", 302, 302),
    ("eve", "lobby", 403, 403),
    ("bob", "lobby", 200, 403),
    ("ada", "lobby", 200, 302),
    ("stan", "lobby", 200, 302),
    ("nobody", "cellar", 302, 302),
    ("eve", "cellar", 404, 404),
    ("bob", "cellar", 200, 403),
    ("ada", "cellar", 200, 302),
]


@pytest.mark.parametrize(("person", "place", "sees", "changes"), ROLES)
def test_the_role_table_of_the_settings(
    request, person: str, place: str, sees: int, changes: int
) -> None:
    room = request.getfixturevalue(place)
    who = None if person == "nobody" else request.getfixturevalue(person)
    bob = request.getfixturevalue("bob")
    browser = in_browser(who)
    base = f"/rooms/{room.pk}"
    assert browser.get(f"{base}/settings/").status_code == sees
    renamed = browser.post(f"{base}/settings/", {"name": "Renamed", "topic": "t"})
    assert renamed.status_code == changes
    allowed = person in {"ada", "stan"}
    assert (fresh(room).name == "Renamed") is allowed
    for path, form in (
        ("archive", {}),
        ("restore", {}),
        (f"people/{bob.pk}/role", {"role": "moderator"}),
        (f"people/{bob.pk}/remove", {}),
    ):
        assert browser.post(f"{base}/{path}/", form).status_code == changes, path
    assert Membership.objects.filter(room=room, user=bob).exists() is not allowed
    assert AuditEntry.objects.exists() is allowed


@pytest.fixture
def stan(db: None) -> User:
    return make_moderator("stan")


def test_a_missing_room_answers_as_a_private_one(eve: User, cellar: Room) -> None:
    browser = in_browser(eve)
    for verb in ("settings", "join", "leave", "archive"):
        method = browser.get if verb == "settings" else browser.post
        private = method(f"/rooms/{cellar.pk}/{verb}/")
        missing = method(f"/rooms/{cellar.pk + 1000}/{verb}/")
        assert private.status_code == missing.status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "9" * 18, "9" * 30, "abc", "1.5", "%00"])
def test_an_impossible_number_is_a_missing_page(eve: User, number: str) -> None:
    assert in_browser(eve).get(f"/rooms/{number}/settings/").status_code == 404


@pytest.mark.parametrize("role", ["", "king", "\0"])
def test_an_unknown_role_is_refused(ada: User, bob: User, lobby: Room, role: str) -> None:
    answer = in_browser(ada).post(f"/rooms/{lobby.pk}/people/{bob.pk}/role/", {"role": role})
    assert answer.status_code == 400


def test_the_last_owner_is_told_to_make_another_first(ada: User, lobby: Room) -> None:
    browser = in_browser(ada)
    answer = browser.post(
        f"/rooms/{lobby.pk}/people/{ada.pk}/role/", {"role": "member"}, follow=True
    )
    assert b"needs an owner" in answer.content
    assert browser.post(f"/rooms/{lobby.pk}/leave/").status_code == 409


def test_home_leads_to_the_last_room_then_to_any_then_to_the_list(
    ada: User, bob: User, eve: User, lobby: Room, cellar: Room
) -> None:
    browser = in_browser(bob)
    browser.cookies["last_room"] = str(lobby.pk)
    assert browser.get("/").headers["Location"] == f"/rooms/{lobby.pk}/"
    for strange in ("999", "-1", "x", "9" * 50, "²"):
        browser.cookies["last_room"] = strange
        assert browser.get("/").headers["Location"] in {
            f"/rooms/{lobby.pk}/",
            f"/rooms/{cellar.pk}/",
        }
    assert in_browser(eve).get("/").headers["Location"] == "/rooms/"


def test_a_room_that_bob_left_is_not_where_home_leads(bob: User, lobby: Room) -> None:
    browser = in_browser(bob)
    browser.cookies["last_room"] = str(lobby.pk)
    members.leave_room(actor=bob, room_id=lobby.pk)
    assert browser.get("/").headers["Location"] == "/rooms/"
