"""Messages are edited and redacted in place, and every window shows it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.voice import Voice

Speak = Callable[[Person], Voice]


def test_arrow_up_edits_the_last_message_of_ones_own(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    hers, his = windows.room(ada, room), windows.room(bob, room)
    hers.say("helo")
    his.say("Hi.")
    hers.expect_shown(2, "Hi.")
    hers.composer.press("ArrowUp")
    expect(hers.edit_field).to_be_focused()
    expect(hers.edit_field).to_have_value("helo")
    hers.edit_field.fill("hello")
    hers.edit_field.press("Enter")
    for window in (hers, his):
        window.expect_shown(1, "hello")
        expect(window.row(1).locator(".edited")).to_have_text("edited")
        expect(window.row(2).locator(".edited")).to_have_count(0)
    expect(hers.composer).to_be_focused()


def test_escape_leaves_the_edit_box_and_focus_returns(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make()
    window = windows.room(ada, room)
    window.say("as it was")
    window.composer.press("ArrowUp")
    window.edit_field.fill("something else")
    window.edit_field.press("Escape")
    expect(window.edit_field).to_have_count(0)
    expect(window.composer).to_be_focused()
    window.expect_shown(1, "as it was")
    assert rooms.log(room) == [[1, "as it was"]]


def test_who_edits_what_another_device_changed_is_asked(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person
) -> None:
    room = rooms.make()
    voice = speak(ada)
    message = voice.post(room, "first")
    window = windows.room(ada, room)
    window.composer.press("ArrowUp")
    window.edit_field.fill("mine")
    voice.edit(message["id"], "theirs")
    expect(window.row(1)).to_be_visible()
    window.edit_field.press("Enter")
    problem = window.page.locator(".edit-problem")
    expect(problem).to_contain_text("theirs")
    expect(window.edit_field).to_have_value("mine")
    assert rooms.log(room) == [[1, "theirs"]]
    window.edit_field.press("Enter")
    expect(window.edit_field).to_have_count(0)
    window.expect_shown(1, "mine")
    assert rooms.log(room) == [[1, "mine"]]


def test_an_author_takes_a_message_back_after_being_asked(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    hers, his = windows.room(ada, room), windows.room(bob, room)
    his.say("what I should not have said")
    his.choose(1, "Redact…")
    expect(his.dialog).to_contain_text("what I should not have said")
    his.dialog.get_by_role("button", name="Cancel").click()
    hers.expect_shown(1, "what I should not have said")
    his.choose(1, "Redact…")
    his.dialog.get_by_role("button", name="Redact").click()
    for window in (hers, his):
        expect(window.row(1)).to_have_attribute("data-state", "redacted")
        window.expect_shown(1, "The author took this message back.")
        expect(window.page.locator("body")).not_to_contain_text("what I should not have said")
    assert rooms.log(room) == [[1, None]]


def test_a_moderator_redacts_with_a_reason(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    hers, his = windows.room(ada, room), windows.room(bob, room)
    his.say("an insult")
    hers.expect_shown(1, "an insult")
    hers.choose(1, "Redact…")
    hers.dialog.get_by_label("Reason").fill("Insults are not for here.")
    hers.dialog.get_by_role("button", name="Redact").click()
    for window in (hers, his):
        window.expect_shown(1, "A moderator redacted this message.")


def test_a_member_is_offered_nothing_for_the_messages_of_others(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 1, by=ada)
    window = windows.room(bob, room)
    window.open_menu(1)
    expect(window.menu.get_by_role("menuitem")).to_have_text(
        ["Copy text", "Copy link", re.compile("^Report…")]
    )


def test_what_is_refused_stays_with_retry_copy_and_discard(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    device = windows.device(bob)
    window = windows.tab(device, room)
    # A rule refuses without a word beforehand: an archived room would take the composer away.
    rule = rooms.act(
        *("word_rules.add_rule", ada), room_id=room, pattern="too late", outcome="refuse"
    )
    window.write("too late")
    expect(window.failed).to_have_count(1)
    for name in ("Try again", "Copy text", "Discard"):
        expect(window.failed.get_by_role("button", name=name)).to_be_visible()
    # Refused is kept as well: a reload does not lose what was written.
    window.page.reload()
    expect(window.failed).to_contain_text("too late")
    rooms.act("word_rules.remove_rule", ada, rule_id=rule)
    window.failed.get_by_role("button", name="Try again").click()
    window.expect_log([[1, "too late"]])
