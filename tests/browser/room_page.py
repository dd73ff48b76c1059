"""The room page as somebody uses it: writing, reading, looking where things stand."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

BACK_MS = 30_000
"""A page returns with jitter; after some failures that may take a while."""


class RoomPage:
    """One window that shows one room."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.composer = page.locator("#composer-input")
        self.status = page.locator("chat-status")
        self.rows = page.locator(".message")
        self.failed = page.locator('.message[data-state="failed"]')
        self.waiting = page.locator(
            '.message[data-state="pending"], .message[data-state="sending"]'
        )
        self.scroller = page.locator(".scroller")
        self.pill = page.locator(".new-pill")
        self.divider = page.locator(".unread-divider")
        self.edit_field = page.locator(".edit-field")
        self.menu = page.get_by_role("menu")
        self.dialog = page.locator("dialog[open]")

    def expect_live(self) -> None:
        expect(self.status).to_have_attribute("data-state", "live", timeout=BACK_MS)

    def row(self, seq: int) -> Locator:
        return self.page.locator(f"#m{seq}")

    def body(self, seq: int) -> Locator:
        return self.row(seq).locator(".message-body")

    def link(self, room: int) -> Locator:
        """The room's line in the list of rooms."""
        return self.page.locator(f'a.room-link[data-room="{room}"]')

    def badge(self, room: int) -> Locator:
        return self.link(room).locator(".badge")

    def write(self, text: str) -> None:
        """Write into the composer, and send it as with a keyboard."""
        self.composer.fill(text)
        self.composer.press("Enter")

    def say(self, text: str) -> None:
        """Write, and wait until the server has it."""
        self.write(text)
        expect(self.rows.last.locator(".message-body")).to_have_text(text)
        expect(self.rows.last).to_have_attribute("data-state", "stored")

    def expect_shown(self, seq: int, text: str) -> None:
        expect(self.body(seq)).to_have_text(text)

    def expect_log(self, log: list[list[Any]]) -> None:
        """This window shows the end of the room exactly as the store has it."""
        expect(self.waiting).to_have_count(0, timeout=BACK_MS)
        expect(self.row(log[-1][0])).to_be_attached(timeout=BACK_MS)
        shown = self.shown_log()
        assert shown == log[-len(shown) :]

    def shown_log(self) -> list[list[Any]]:
        """``[seq, text]`` of each row, null for a tombstone, in the order of the page."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll(".message")].map((row) => [
                 Number(row.dataset.seq),
                 row.dataset.state === "redacted"
                   ? null : row.querySelector(".message-body").textContent,
               ])"""
        )

    def open_menu(self, seq: int) -> None:
        self.row(seq).hover()
        self.row(seq).locator(".message-more").click()
        expect(self.menu).to_be_visible()

    def choose(self, seq: int, item: str) -> None:
        self.open_menu(seq)
        self.menu.get_by_role("menuitem", name=item).click()

    def top_of(self, seq: int) -> float:
        """How far below the upper edge of the timeline a message stands, in pixels."""
        return float(
            self.page.evaluate(
                """(seq) => document.getElementById(`m${seq}`).getBoundingClientRect().top
                     - document.querySelector(".scroller").getBoundingClientRect().top""",
                seq,
            )
        )

    def scroll_to(self, seq: int) -> None:
        """As a reader does, so that the page hears of it."""
        expect(self.row(seq)).to_be_attached()
        self.page.evaluate(
            """(seq) => {
                 const scroller = document.querySelector(".scroller");
                 const top = document.getElementById(`m${seq}`).getBoundingClientRect().top;
                 scroller.scrollTop += top - scroller.getBoundingClientRect().top;
               }""",
            seq,
        )

    def distance_to_end(self) -> float:
        return float(self.scroller.evaluate("(s) => s.scrollHeight - s.scrollTop - s.clientHeight"))

    def expect_at_end(self, *, at_end: bool = True) -> None:
        script = """(wanted) => {
          const { scrollHeight, scrollTop, clientHeight } = document.querySelector(".scroller");
          return (scrollHeight - scrollTop - clientHeight <= 2) === wanted;
        }"""
        self.page.wait_for_function(script, arg=at_end)

    def look_away(self) -> None:
        """Somebody works in another window: this one is not in focus."""
        self.page.evaluate("document.hasFocus = () => false")

    def look_back(self) -> None:
        self.page.evaluate("delete document.hasFocus; window.dispatchEvent(new Event('focus'))")

    def expect_title(self, start: str) -> None:
        expect(self.page).to_have_title(re.compile(rf"^{re.escape(start)}"))
