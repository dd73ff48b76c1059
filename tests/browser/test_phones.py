"""On a phone: Enter breaks the line, sides are drawers, fingers hit, nothing runs sideways."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person, Rooms, Windows

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
SMALL_TARGETS = """() => [...document.querySelectorAll(
    "a, button, input:not([type=hidden]), select, textarea, summary, [role=button]")]
  .filter((element) => {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    if (element.closest("[inert], .visually-hidden, .message-body")) return false;
    // A long press anywhere on the row opens the same menu (WCAG 2.5.8, "Equivalent").
    if (element.matches(".message-more")) return false;
    // A link within a sentence is as high as its line (WCAG 2.5.8, "Inline").
    if (element.matches("a") && getComputedStyle(element).display === "inline") return false;
    const target = element.matches("[type=checkbox], [type=radio]")
      ? element.closest("label") ?? element : element;
    const { width, height } = target.getBoundingClientRect();
    return Math.min(width, height) < 43.5;
  })
  .map((element) => {
    const { width, height } = element.getBoundingClientRect();
    return `${Math.round(width)}x${Math.round(height)} ${element.outerHTML.slice(0, 120)}`;
  })"""
SMALL_WRITING = """() => [...document.querySelectorAll("input, select, textarea")]
  .filter((field) => field.checkVisibility() && field.type !== "hidden")
  .filter((field) => !["checkbox", "radio", "file"].includes(field.type))
  .filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16)
  .map((field) => field.outerHTML.slice(0, 120))"""


def expect_fit_for_fingers(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate(SMALL_WRITING) == []


def test_enter_breaks_the_line_and_the_button_sends(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    window = windows.room(ada, rooms.make(), **PHONE)
    window.composer.tap()
    window.composer.press_sequentially("one")
    window.composer.press("Enter")
    window.composer.press_sequentially("two")
    expect(window.rows).to_have_count(0)
    window.page.get_by_role("button", name="Send").tap()
    window.expect_shown(1, "one\ntwo")


def test_rooms_and_people_are_drawers(windows: Windows, rooms: Rooms, ada: Person) -> None:
    room, other = rooms.make(), rooms.make()
    window = windows.room(ada, room, **PHONE)
    rooms_side, people_side = window.page.locator("#rooms"), window.page.locator("#people")
    expect(rooms_side).not_to_be_in_viewport()
    window.page.get_by_role("button", name="Rooms", exact=True).tap()
    expect(window.link(other)).to_be_in_viewport()
    expect_fit_for_fingers(window.page)
    window.link(other).tap()
    expect(rooms_side).not_to_be_in_viewport()
    window.page.get_by_role("button", name="People: 2 members").tap()
    expect(people_side).to_contain_text("bob")
    expect(people_side).to_be_in_viewport()
    window.page.keyboard.press("Escape")
    expect(people_side).not_to_be_in_viewport()


def test_an_empty_room_fills_the_window(windows: Windows, rooms: Rooms, ada: Person) -> None:
    window = windows.room(ada, rooms.make(), **PHONE)
    header = window.page.locator(".room-header").bounding_box()
    line = window.status.bounding_box()
    assert header
    assert line
    assert header["y"] == 0
    assert 844 - 24 <= line["y"] + line["height"] <= 844


def test_the_room_fits_with_long_words_and_long_names(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make("A room whose name is rather too long for a phone", "topic " * 40)
    window = windows.room(ada, room, **PHONE)
    window.composer.fill("w" * 300 + " https://example.org/" + "x" * 200)
    window.page.get_by_role("button", name="Send").tap()
    expect(window.row(1)).to_have_attribute("data-state", "stored")
    expect_fit_for_fingers(window.page)
    composer = window.composer.bounding_box()
    assert composer
    assert composer["y"] + composer["height"] <= 844


@pytest.mark.parametrize("path", ["/rooms/", "/profile/", "settings"])
def test_pages_for_the_signed_in_fit(
    windows: Windows, rooms: Rooms, ada: Person, path: str
) -> None:
    room = rooms.make()
    path = f"/rooms/{room}/settings/" if path == "settings" else path
    expect_fit_for_fingers(windows.page(ada, path, **PHONE))


@pytest.mark.parametrize("path", ["/", "/accounts/signup/", "/accounts/password/reset/"])
def test_pages_for_newcomers_fit(windows: Windows, path: str) -> None:
    expect_fit_for_fingers(windows.page(path=path, **PHONE))


def test_the_menu_of_a_message_opens_by_a_tap(windows: Windows, rooms: Rooms, ada: Person) -> None:
    room = rooms.make()
    rooms.talk(room, 3, by=ada)
    window = windows.room(ada, room, **PHONE)
    window.row(2).locator(".message-more").tap()
    expect(window.menu.get_by_role("menuitem", name="Edit")).to_be_visible()
    expect_fit_for_fingers(window.page)
