"""The queue of held posts in the page: live, by key, and with two moderators at once."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.moderating import (
    REASON,
    appoint,
    badge,
    expect_no_sideways,
    press,
)
from tests.browser.room_page import RoomPage
from tests.browser.test_axe import PHONE, expect_nothing_found


def test_held_posts_are_approved_and_rejected_by_key(
    windows: Windows, queue: int, ada: Person, bob: Person
) -> None:
    hers, his = windows.room(ada, queue), windows.room(bob, queue)
    for text in ("first", "second", "third"):
        his.write(text)
    expect(badge(hers)).to_have_accessible_name("3 messages wait for approval")
    badge(hers).click()
    posts = hers.dialog.locator(".held-post")
    expect(posts).to_have_count(3)
    expect(posts.first).to_be_focused()
    expect_nothing_found(hers.page)
    hers.page.keyboard.press("a")
    his.expect_shown(1, "first")
    expect(posts).to_have_count(2)
    expect(posts.first).to_be_focused()
    hers.page.keyboard.press("ArrowDown")
    hers.page.keyboard.press("r")
    hers.page.keyboard.type(REASON)
    hers.page.keyboard.press("Enter")
    expect(posts).to_have_count(1)
    expect(posts).to_be_focused()
    expect(his.page.locator("chat-timeline")).to_contain_text(REASON)
    # What is posted meanwhile joins the open queue.
    his.write("fourth")
    expect(posts).to_have_count(2)
    hers.page.keyboard.press("Escape")
    expect(badge(hers)).to_have_accessible_name("2 messages wait for approval")
    expect(badge(his)).to_have_count(0)


def test_two_moderators_at_once_one_acts_and_the_other_is_told(
    windows: Windows, rooms: Rooms, queue: int, ada: Person, bob: Person, mona: Person
) -> None:
    appoint(rooms, ada, mona, queue)
    his = windows.room(bob, queue)
    his.write("me first")
    hers, other = windows.room(ada, queue), windows.room(mona, queue)
    for window in (hers, other):
        badge(window).click()
        expect(window.dialog.locator(".held-post")).to_have_count(1)
    # This window does not hear of it: the other one was faster than the news.
    deafen(other)
    hers.page.keyboard.press("r")
    hers.page.keyboard.press("Enter")
    expect(hers.dialog.locator(".held-post")).to_have_count(0)
    expect(hers.dialog).to_contain_text("Nothing waits.")
    other.dialog.get_by_role("button", name="Approve").click()
    expect(other.dialog.get_by_role("alert")).to_contain_text("decided this already")
    expect(other.dialog.locator(".held-post")).to_have_count(0)
    assert rooms.log(queue) == []


def deafen(window: RoomPage) -> None:
    """The `held` frames that come from now on are lost on the way."""
    window.page.evaluate(
        """() => {
             const parse = JSON.parse;
             JSON.parse = (...all) => {
               const frame = parse(...all);
               return frame?.type === "held" ? { type: "lost" } : frame;
             };
           }"""
    )


def test_on_a_phone_everything_is_there_and_nothing_runs_sideways(
    windows: Windows, rooms: Rooms, queue: int, ada: Person, bob: Person
) -> None:
    rooms.talk(queue, 3, by=ada)
    rooms.act("rooms.rename_room", ada, room_id=queue, name=f"A room of a long name, {queue}")
    rooms.act("room_switches.set_room", ada, room_id=queue, slow_mode=3600)
    his = windows.room(bob, queue)
    his.write("please let me in")
    hers = windows.room(ada, queue, **PHONE)
    press(hers, 2, "p")
    expect(badge(hers)).to_be_visible()
    expect_no_sideways(hers)
    expect_nothing_found(hers.page)
    badge(hers).tap()
    expect(hers.dialog.locator(".held-post")).to_have_count(1)
    expect_no_sideways(hers)
    expect_nothing_found(hers.page)
    hers.dialog.get_by_role("button", name="Approve").tap()
    expect(hers.dialog).to_contain_text("Nothing waits.")
    hers.dialog.get_by_role("button", name="Close").tap()
    hers.row(4).locator(".message-more").tap()
    hers.menu.get_by_role("menuitem", name="Ban…").tap()
    expect(hers.dialog).to_be_visible()
    expect_no_sideways(hers)
    expect_nothing_found(hers.page)
    hers.dialog.get_by_role("button", name="Cancel").tap()
    hers.page.get_by_role("button", name="People: 2 members").tap()
    expect(hers.page.locator(".person-more")).to_be_visible()
    expect_nothing_found(hers.page)
