"""A link to a message opens it in context, marked, with a way back to the present."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Person, Rooms, Windows


def test_a_link_opens_an_old_message_marked_and_escape_leads_back(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 200)
    rooms.read(room, ada, 200)
    window = windows.room(ada, room, "#m42")
    expect(window.row(42)).to_be_in_viewport()
    expect(window.row(42)).to_have_class(re.compile(r"\blinked\b"))
    expect(window.row(41)).to_be_in_viewport()
    expect(window.page.get_by_role("button", name="Back to the present")).to_be_visible()
    window.page.keyboard.press("Escape")
    window.expect_at_end()
    window.expect_shown(200, "message 200")
    expect(window.page).to_have_url(re.compile(rf"/rooms/{room}/$"))


def test_a_copied_link_leads_to_its_message(windows: Windows, rooms: Rooms, ada: Person) -> None:
    room = rooms.make()
    rooms.talk(room, 3)
    device = windows.device(ada, permissions=["clipboard-read", "clipboard-write"])
    window = windows.tab(device, room)
    window.choose(2, "Copy link")
    expect(window.status).to_contain_text("Copied.")
    copied = window.page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(f"/rooms/{room}/#m2")


def test_a_link_in_a_message_goes_to_a_message_of_another_room_without_a_page_load(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room, other = rooms.make(), rooms.make()
    rooms.talk(other, 120)
    rooms.read(other, ada, 120)
    window = windows.room(ada, room)
    origin = window.page.evaluate("location.origin")
    window.say(f"See {origin}/rooms/{other}/#m7 for that.")
    window.page.evaluate("window.samePage = true")
    window.body(1).get_by_role("link").click()
    expect(window.row(7)).to_be_in_viewport()
    expect(window.row(7)).to_have_class(re.compile(r"\blinked\b"))
    assert window.page.evaluate("window.samePage")
    window.page.go_back()
    expect(window.body(1)).to_contain_text("See")
