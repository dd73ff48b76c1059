"""Those who lead a room redact, restore and pin, by mouse and by key; others see it at once."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.moderating import (
    REASON,
    press,
    undo,
)
from tests.browser.room_page import RoomPage
from tests.browser.test_axe import expect_nothing_found


def test_a_redaction_is_undone_from_the_notice(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 2)
    hers, his = windows.room(ada, room), windows.room(bob, room)
    hers.choose(2, "Redact…")
    expect(hers.dialog).to_contain_text("for 7 days")
    hers.dialog.get_by_label("Reason").fill(REASON)
    hers.dialog.get_by_role("button", name="Redact").click()
    for window in (hers, his):
        window.expect_shown(2, "A moderator redacted this message.")
    expect(undo(hers)).to_contain_text("Redacted.")
    expect(undo(his)).to_be_hidden()
    hers.page.get_by_role("button", name="Undo").click()
    for window in (hers, his):
        window.expect_shown(2, "message 2")
    expect(undo(hers)).to_be_hidden()
    expect(hers.composer).to_be_focused()


def test_the_same_by_keys_alone(windows: Windows, rooms: Rooms, ada: Person, bob: Person) -> None:
    room = rooms.make()
    rooms.talk(room, 2)
    hers = windows.room(ada, room)
    press(hers, 2, "Delete")
    hers.page.keyboard.type(REASON)
    expect(hers.dialog.get_by_label("Reason")).to_have_value(REASON)
    hers.page.keyboard.press("Enter")
    hers.expect_shown(2, "A moderator redacted this message.")
    expect(hers.row(2)).to_be_focused()
    hers.page.keyboard.press("z")
    hers.expect_shown(2, "message 2")


def test_a_tombstone_has_its_way_back_for_those_who_lead_and_for_nobody_else(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 2)
    rooms.redact(room, [1])
    hers, his = windows.room(ada, room), windows.room(bob, room)
    his.row(1).hover()
    expect(his.row(1).locator(".message-more")).to_be_hidden()
    press(his, 1, "Enter")
    expect(his.menu).to_have_count(0)
    hers.choose(1, "Restore")
    for window in (hers, his):
        window.expect_shown(1, "message 1")


def test_what_an_author_took_back_stays_so(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    his, hers = windows.room(bob, room), windows.room(ada, room)
    his.say("never mind")
    his.choose(1, "Redact…")
    his.dialog.get_by_role("button", name="Redact").click()
    hers.expect_shown(1, "The author took this message back.")
    expect(undo(his)).to_be_hidden()
    press(hers, 1, "Enter")
    expect(hers.menu).to_have_count(0)


def test_pins_are_marked_counted_listed_and_linked_live(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 120)
    for reader in (ada, bob):
        rooms.read(room, reader, 120)
    hers, his = windows.room(ada, room), windows.room(bob, room)
    door = his.page.get_by_role("button", name="pinned message")
    expect(door).to_be_hidden()
    hers.choose(120, "Pin")
    press(hers, 119, "p")
    for window in (hers, his):
        for seq in (119, 120):
            expect(window.row(seq).locator(".pinned")).to_be_visible()
    expect(door).to_have_accessible_name("2 pinned messages")
    hers.choose(120, "Unpin")
    expect(door).to_have_accessible_name("1 pinned message")
    ids = {m["seq"]: m["id"] for m in pinnable(his, room)}
    rooms.act("pins.pin_message", ada, message_id=ids[3])
    expect(door).to_have_accessible_name("2 pinned messages")
    door.click()
    expect(his.dialog.locator(".pin-body")).to_have_text(["message 3", "message 119"])
    expect(his.dialog.get_by_role("button", name="Unpin")).to_have_count(0)
    expect_nothing_found(his.page)
    his.dialog.locator(".pin").first.get_by_role("link", name="Show it").click()
    expect(his.dialog).to_have_count(0)
    expect(his.row(3)).to_have_class(re.compile("linked"))
    # A redacted message is pinned no longer; who comes later counts as the others do.
    rooms.redact(room, [119])
    for window in (his, windows.room(bob, room)):
        name = window.page.get_by_role("button", name="pinned message")
        expect(name).to_have_accessible_name("1 pinned message")


def pinnable(window: RoomPage, room: int) -> list[dict[str, int]]:
    script = "(room) => fetch(`/api/rooms/${room}/messages/?after=0`).then((a) => a.json())"
    found: list[dict[str, int]] = window.page.evaluate(script, room)["messages"]
    return found
