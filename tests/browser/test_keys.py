"""Everything has a key and a visible focus, and nothing steals the focus."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.voice import Voice

Speak = Callable[[Person], Voice]


def test_a_question_mark_shows_the_keys_and_escape_hides_them(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 1)
    window = windows.room(ada, room)
    window.row(1).focus()
    window.page.keyboard.press("?")
    expect(window.dialog.get_by_role("heading", name="Keys")).to_be_visible()
    window.page.keyboard.press("Escape")
    expect(window.dialog).to_have_count(0)
    window.composer.press_sequentially("why?")
    expect(window.dialog).to_have_count(0)
    expect(window.composer).to_have_value("why?")


def test_ctrl_k_jumps_to_a_room_by_a_part_of_its_name(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room, kitchen = rooms.make("Hall"), rooms.make("The kitchen")
    rooms.make("The cellar")
    window = windows.room(ada, room)
    window.composer.focus()
    window.page.keyboard.press("Control+k")
    expect(window.dialog.get_by_role("option")).to_have_count(3)
    window.page.keyboard.type("kitch")
    expect(window.dialog.get_by_role("option")).to_have_count(1)
    window.page.keyboard.press("Enter")
    expect(window.dialog).to_have_count(0)
    expect(window.page.locator(".room-name")).to_contain_text("The kitchen")
    expect(window.link(kitchen)).to_have_attribute("aria-current", "page")
    expect(window.composer).to_be_focused()
    window.page.keyboard.press("Control+k")
    window.page.keyboard.press("Escape")
    expect(window.dialog).to_have_count(0)
    expect(window.composer).to_be_focused()


def test_alt_with_arrows_moves_through_the_rooms(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    first, second, third = rooms.make("A"), rooms.make("B"), rooms.make("C")
    window = windows.room(ada, first)
    for key, room in (
        *(("Alt+ArrowDown", second), ("Alt+ArrowDown", third)),
        *(("Alt+ArrowUp", second), ("Alt+ArrowUp", first)),
    ):
        window.page.keyboard.press(key)
        expect(window.link(room)).to_have_attribute("aria-current", "page")
    expect(window.page.locator(".room-name")).to_contain_text("A ")


def test_a_draft_stays_with_its_room(windows: Windows, rooms: Rooms, ada: Person) -> None:
    first, second = rooms.make("A"), rooms.make("B")
    window = windows.room(ada, first)
    window.composer.press_sequentially("for the first")
    window.page.keyboard.press("Alt+ArrowDown")
    expect(window.link(second)).to_have_attribute("aria-current", "page")
    expect(window.composer).to_have_value("")
    window.composer.press_sequentially("for the second")
    window.page.keyboard.press("Alt+ArrowUp")
    expect(window.composer).to_have_value("for the first")
    window.page.reload()
    expect(window.composer).to_have_value("for the first")


def test_shift_enter_breaks_the_line(windows: Windows, rooms: Rooms, ada: Person) -> None:
    window = windows.room(ada, rooms.make())
    window.composer.press_sequentially("one")
    window.composer.press("Shift+Enter")
    window.composer.press_sequentially("two")
    expect(window.rows).to_have_count(0)
    window.composer.press("Enter")
    window.expect_shown(1, "one\ntwo")


def test_the_timeline_is_one_stop_for_tab_and_arrows_walk_in_it(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 5, by=ada)
    window = windows.room(ada, room)
    window.composer.focus()
    window.page.keyboard.press("Shift+Tab")
    window.page.keyboard.press("Shift+Tab")
    expect(window.row(5)).to_be_focused()
    window.page.keyboard.press("ArrowUp")
    expect(window.row(4)).to_be_focused()
    window.page.keyboard.press("Enter")
    expect(window.menu.get_by_role("menuitem").first).to_be_focused()
    window.page.keyboard.press("Escape")
    expect(window.menu).to_have_count(0)
    expect(window.row(4)).to_be_focused()
    window.page.keyboard.press("e")
    expect(window.edit_field).to_be_focused()


def test_messages_that_come_steal_no_focus(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 5)
    window = windows.room(ada, room)
    window.row(3).focus()
    voice = speak(bob)
    message = voice.post(room, "new")
    window.expect_shown(6, "new")
    expect(window.row(3)).to_be_focused()
    voice.edit(message["id"], "changed")
    window.expect_shown(6, "changed")
    expect(window.row(3)).to_be_focused()
    window.page.locator(".jump").focus()
    voice.post(room, "again")
    window.expect_shown(7, "again")
    expect(window.page.locator(".jump")).to_be_focused()


def test_every_stop_of_the_tab_key_is_seen(windows: Windows, rooms: Rooms, ada: Person) -> None:
    room = rooms.make()
    rooms.talk(room, 3)
    window = windows.room(ada, room)
    window.composer.fill("so that the button can be reached")
    seen = set()
    for _ in range(25):
        window.page.keyboard.press("Tab")
        name, shown = window.page.evaluate(
            """() => {
                 const at = document.activeElement;
                 const look = (element) => {
                   const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
                   return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2)
                     || boxShadow !== "none";
                 };
                 // A field may show its focus on the frame around it.
                 return [at.outerHTML.slice(0, 80), at === document.body || look(at)
                   || look(at.parentElement)];
               }"""
        )
        assert shown, name
        seen.add(name)
    assert len(seen) >= 10
