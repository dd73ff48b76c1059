"""While an input method composes, Enter belongs to it: it chooses a word and does not send."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import CDPSession, Locator, expect

from tests.browser.conftest import Person, Rooms, Windows

ENTER: dict[str, Any] = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
# What Chromium makes of a key that an input method took for itself.
TAKEN: dict[str, Any] = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}


def compose(line: CDPSession, text: str) -> None:
    place = {"selectionStart": len(text), "selectionEnd": len(text)}
    line.send("Input.imeSetComposition", {"text": text, **place})


def press(line: CDPSession, key: dict[str, Any]) -> None:
    """A key that reaches the page, without the letter that the input method keeps."""
    line.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    line.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def choose_a_word(line: CDPSession, field: Locator, word: str) -> None:
    """Spell, look through the words, and take one with Enter; every Enter is the method's."""
    field.focus()
    for spelt in ("n", "ni", "ni hao"):
        compose(line, spelt)
    press(line, TAKEN)
    compose(line, word)
    press(line, ENTER)
    line.send("Input.insertText", {"text": word})


def test_enter_that_chooses_a_word_sends_nothing_in_the_composer(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    window = windows.room(ada, rooms.make())
    line = window.page.context.new_cdp_session(window.page)
    choose_a_word(line, window.composer, "你好")
    expect(window.composer).to_have_value("你好")
    choose_a_word(line, window.composer, "世界")
    expect(window.composer).to_have_value("你好世界")
    expect(window.rows).to_have_count(0)
    window.composer.press("Enter")
    window.expect_shown(1, "你好世界")
    expect(window.composer).to_have_value("")


def test_enter_that_chooses_a_word_saves_nothing_in_the_edit_box(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    window = windows.room(ada, rooms.make())
    window.say("你好")
    line = window.page.context.new_cdp_session(window.page)
    window.composer.press("ArrowUp")
    choose_a_word(line, window.edit_field, "世界")
    expect(window.edit_field).to_have_value("你好世界")
    window.edit_field.press("Enter")
    expect(window.edit_field).to_have_count(0)
    window.expect_shown(1, "你好世界")


def test_enter_that_chooses_a_word_goes_nowhere_in_the_room_switcher(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room, _other = rooms.make(), rooms.make("茶室")
    window = windows.room(ada, room)
    window.page.keyboard.press("Control+k")
    field = window.dialog.get_by_role("combobox")
    line = window.page.context.new_cdp_session(window.page)
    choose_a_word(line, field, "茶室")
    expect(window.dialog).to_be_visible()
    expect(window.dialog.get_by_role("option")).to_have_count(1)
    field.press("Enter")
    expect(window.page.locator(".room-name")).to_contain_text("茶室")


def test_escape_that_leaves_a_composition_does_not_leave_the_edit_box(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    window = windows.room(ada, rooms.make())
    window.say("你好")
    line = window.page.context.new_cdp_session(window.page)
    window.composer.press("ArrowUp")
    window.edit_field.focus()
    compose(line, "shi")
    press(line, {"key": "Escape", "code": "Escape", "windowsVirtualKeyCode": 27})
    expect(window.edit_field).to_be_visible()
