"""The switches of a room, in its header and its settings, hold in open windows at once."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.moderating import (
    REASON,
    WITHIN_MS,
)
from tests.browser.room_page import RoomPage
from tests.browser.test_axe import expect_nothing_found


def choose_switch(window: RoomPage, switch: str, value: str) -> None:
    window.page.get_by_role("button", name="Moderate this room").click()
    window.menu.get_by_role("menuitem", name=switch).click()
    window.menu.get_by_role("menuitemradio", name=value, exact=True).click()


def test_slow_mode_from_the_header_holds_for_others_at_once(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    hers, his = windows.room(ada, room), windows.room(bob, room)
    choose_switch(hers, "Slow mode…", "30 seconds")
    expect(hers.status).to_contain_text("Slow mode: 30 seconds")
    expect(his.page.locator(".room-slow")).to_be_visible(timeout=WITHIN_MS)
    hers.page.get_by_role("button", name="Moderate this room").click()
    hers.menu.get_by_role("menuitem", name="Slow mode…").click()
    chosen = hers.menu.get_by_role("menuitemradio", name="30 seconds", exact=True)
    expect(chosen).to_have_attribute("aria-checked", "true")
    expect(chosen).to_be_focused()
    expect_nothing_found(hers.page)
    hers.page.keyboard.press("Home")
    hers.page.keyboard.press("Enter")
    expect(his.page.locator(".room-slow")).to_be_hidden(timeout=WITHIN_MS)


def test_only_moderators_may_post_from_the_header(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    hers, his = windows.room(ada, room), windows.room(bob, room)
    choose_switch(hers, "Who may post…", "Moderators")
    expect(his.composer).to_be_hidden(timeout=WITHIN_MS)
    choose_switch(hers, "Who may post…", "Everyone")
    expect(his.composer).to_be_visible(timeout=WITHIN_MS)


def test_the_settings_change_the_room_in_open_windows(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    his = windows.room(bob, room)
    page = windows.page(ada, f"/rooms/{room}/settings/")
    seconds = page.get_by_label("Seconds between two messages of one member")
    expect(seconds).to_be_hidden()
    page.get_by_label("Slow mode").select_option("Another time")
    seconds.fill("45")
    page.get_by_role("region", name="Who posts").get_by_role("button", name="Save").click()
    expect(page.get_by_text("The room was changed.")).to_be_visible()
    expect(seconds).to_have_value("45")
    expect(his.page.locator(".room-slow")).to_be_visible(timeout=WITHIN_MS)
    page.get_by_label("Words").fill("casino*")
    page.get_by_label("How they are read").select_option("wildcard")
    page.get_by_label("What happens to the message").select_option("refuse")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_text("The rule holds from now on.")).to_be_visible()
    rooms.act("sanctions.mute", ada, room_id=room, user_id=bob.id, reason=REASON)
    page.reload()
    expect_nothing_found(page)
    page.get_by_role("button", name=f"Lift {bob.name}").click()
    expect(page.get_by_text("Nobody is muted here")).to_be_visible()
    expect(his.composer).to_be_visible()
