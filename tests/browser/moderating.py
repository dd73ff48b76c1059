"""What the tests of moderating in the page have in common: who, and where things stand."""

from __future__ import annotations

from playwright.sync_api import Locator

from tests.browser.conftest import Person, Rooms
from tests.browser.room_page import RoomPage

WITHIN_MS = 1_000
REASON = "That was not kind."


def appoint(rooms: Rooms, ada: Person, mona: Person, room: int) -> None:
    rooms.act("members.join_room", mona, room_id=room)
    rooms.act("members.set_role", ada, room_id=room, user_id=mona.id, role="moderator")


def press(window: RoomPage, seq: int, key: str) -> None:
    window.row(seq).focus()
    window.page.keyboard.press(key)


def undo(window: RoomPage) -> Locator:
    return window.page.locator(".undo-notice.shown")


def items(window: RoomPage) -> list[str]:
    """What the open menu offers."""
    return window.menu.locator(".menu-label").all_text_contents()


def badge(window: RoomPage) -> Locator:
    return window.page.get_by_role("button", name="for approval")


def expect_no_sideways(window: RoomPage) -> None:
    assert window.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for part in (".room-header", "dialog[open]"):
        for found in window.page.locator(part).all():
            assert found.evaluate("(e) => e.scrollWidth <= e.clientWidth + 1"), part
