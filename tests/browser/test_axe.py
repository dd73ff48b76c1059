"""axe finds nothing (WCAG 2.2 AA) on any page, light or dark, wide or narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.complaints import Complaints
from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.room_page import RoomPage

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": LEVELS}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def expect_nothing_found(page: Page) -> None:
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        found = Axe().run(page, options=OPTIONS).response["violations"]
        assert [
            (theme, rule["id"], rule["help"], node["target"], node["failureSummary"])
            for rule in found
            for node in rule["nodes"]
        ] == []


def test_pages_for_newcomers(windows: Windows) -> None:
    page = windows.page()
    for path in (
        *("/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"),
        "/accounts/password/reset/done/",
    ):
        page.goto(path)
        expect_nothing_found(page)


def test_a_form_with_what_is_wrong_with_it(windows: Windows) -> None:
    page = windows.page(path="/accounts/login/")
    page.get_by_label("Name or e-mail").fill("nobody of this name")
    page.get_by_label("Password", exact=True).fill("not a password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect_nothing_found(page)


def test_pages_for_the_signed_in(windows: Windows, rooms: Rooms, ada: Person) -> None:
    room = rooms.make(topic="What belongs here")
    rooms.talk(room, 2)
    archived = rooms.make()
    rooms.act("rooms.archive_room", ada, room_id=archived)
    device = windows.device(ada)
    page = device.new_page()
    for path in (
        *("/rooms/", "/rooms/?q=nothing+of+this+name", "/profile/", f"/rooms/{room}/settings/"),
        *(f"/rooms/{archived}/settings/", "/accounts/password/change/"),
    ):
        page.goto(path)
        expect_nothing_found(page)


def test_error_pages(windows: Windows, complaints: Complaints, ada: Person) -> None:
    complaints.excuse(r"status of 404")
    for person in (ada, None):
        page = windows.page(person, "/nothing/of/this/name/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect_nothing_found(page)


def empty(rooms: Rooms, window: RoomPage) -> None:
    expect(window.page.get_by_role("heading", name="This is the beginning of")).to_be_visible()


def full(rooms: Rooms, window: RoomPage) -> None:
    room = int(window.page.url.rstrip("/").rsplit("/", 1)[1])
    rooms.talk(room, 30)
    rooms.redact(room, [29])
    window.expect_shown(30, "message 30")
    window.say("https://example.org/ and my own")
    window.composer.press("ArrowUp")
    window.edit_field.press_sequentially("!")
    window.edit_field.press("Enter")
    expect(window.row(31).locator(".edited")).to_be_visible()


def menu_open(rooms: Rooms, window: RoomPage) -> None:
    window.say("one")
    window.open_menu(1)


def redacting(rooms: Rooms, window: RoomPage) -> None:
    window.say("one")
    window.choose(1, "Redact…")
    expect(window.dialog).to_be_visible()


def editing(rooms: Rooms, window: RoomPage) -> None:
    window.say("one")
    window.composer.press("ArrowUp")
    expect(window.edit_field).to_be_visible()


def switching(rooms: Rooms, window: RoomPage) -> None:
    window.page.keyboard.press("Control+k")
    expect(window.dialog.get_by_role("option").first).to_be_visible()


def keys_shown(rooms: Rooms, window: RoomPage) -> None:
    window.page.locator(".jump").focus()
    window.page.keyboard.press("?")
    expect(window.dialog).to_be_visible()


@pytest.mark.parametrize(
    "scene", [empty, full, menu_open, redacting, editing, switching, keys_shown]
)
def test_the_room_page(
    windows: Windows,
    rooms: Rooms,
    ada: Person,
    scene: Callable[[Rooms, RoomPage], None],
) -> None:
    window = windows.room(ada, rooms.make(topic="Oolong, mostly"))
    scene(rooms, window)
    expect_nothing_found(window.page)


@pytest.mark.parametrize("drawer", ["", "Rooms", "People: 2 members"])
def test_the_room_page_on_a_phone(windows: Windows, rooms: Rooms, ada: Person, drawer: str) -> None:
    room = rooms.make()
    rooms.talk(room, 3)
    window = windows.room(ada, room, **PHONE)
    if drawer:
        window.page.get_by_role("button", name=drawer, exact=True).tap()
        expect(window.page.locator("#rooms, #people").locator("visible=true")).to_have_count(1)
    expect_nothing_found(window.page)


def test_a_room_for_who_only_reads(windows: Windows, rooms: Rooms, eve: Person) -> None:
    room = rooms.make()
    rooms.talk(room, 3)
    window = windows.room(eve, room)
    expect(window.page.get_by_role("button", name="Join the room")).to_be_visible()
    expect_nothing_found(window.page)
