"""Unread is what was not seen: badges and the title count it, reading anywhere clears it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.voice import Voice

Speak = Callable[[Person], Voice]


def test_another_room_gets_a_badge_and_the_title_a_count_until_it_is_read(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person, bob: Person
) -> None:
    here, there = rooms.make("Here"), rooms.make("There")
    window = windows.room(ada, here)
    window.expect_title("Here")
    voice = speak(bob)
    for n in range(3):
        voice.post(there, f"psst {n}")
    expect(window.badge(there)).to_contain_text("3 unread")
    window.expect_title("(3) Here")
    window.link(there).click()
    window.expect_shown(3, "psst 2")
    expect(window.badge(there)).to_have_count(0)
    window.expect_title("There")


def test_reading_on_one_device_clears_the_badge_on_the_other(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person, bob: Person
) -> None:
    here, there = rooms.make(), rooms.make()
    desk, phone = windows.room(ada, here), windows.room(ada, here)
    speak(bob).post(there, "psst")
    expect(desk.badge(there)).to_be_visible()
    expect(phone.badge(there)).to_be_visible()
    desk.link(there).click()
    desk.expect_shown(1, "psst")
    expect(phone.badge(there)).to_have_count(0)
    phone.page.reload()
    expect(phone.link(there)).to_be_visible()
    expect(phone.badge(there)).to_have_count(0)


def test_what_comes_while_nobody_looks_is_unread_until_somebody_does(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person, bob: Person
) -> None:
    room = rooms.make("Desk")
    window = windows.room(ada, room)
    window.say("I am off.")
    window.look_away()
    voice = speak(bob)
    voice.post(room, "Are you there?")
    voice.post(room, "Hello?")
    window.expect_title("(2) Desk")
    expect(window.divider).to_be_visible()
    assert window.divider.evaluate("(line) => line.nextElementSibling.id") == "m2"
    window.look_back()
    window.expect_title("Desk")
    expect(window.badge(room)).to_have_count(0)


def test_ones_own_messages_are_never_unread(windows: Windows, rooms: Rooms, ada: Person) -> None:
    here, there = rooms.make("Here"), rooms.make("There")
    desk, phone = windows.room(ada, here), windows.room(ada, there)
    phone.say("from my phone")
    phone.say("and again")
    desk.say("still no badge")
    expect(desk.badge(there)).to_have_count(0)
    desk.expect_title("Here")


def test_a_message_out_of_sight_is_not_read(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person, bob: Person
) -> None:
    room = rooms.make("Long")
    rooms.talk(room, 80)
    rooms.read(room, ada, 80)
    window = windows.room(ada, room)
    window.scroll_to(40)
    speak(bob).post(room, "below")
    window.expect_title("(1) Long")
    window.page.keyboard.press("Escape")
    window.expect_at_end()
    window.expect_title("Long")


def test_of_many_unread_only_those_in_view_are_read(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    for unread in (30, 120):
        room = rooms.make()
        rooms.talk(room, 150)
        rooms.read(room, ada, 150 - unread)
        window = windows.room(ada, room)
        expect(window.divider).to_be_in_viewport()
        expect(window.badge(room)).not_to_contain_text(f"{unread} unread")
        left = int(window.badge(room).locator("[aria-hidden]").inner_text())
        shown = int(window.pill.inner_text().split()[0])
        assert 0 < left < unread
        assert shown == left
        expect(window.row(150 - left)).to_be_in_viewport()
        expect(window.row(150 - left + 2)).not_to_be_in_viewport()
