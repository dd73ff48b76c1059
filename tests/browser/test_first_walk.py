"""Two people who were never here sign up, make a room, and talk in two windows."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.room_page import RoomPage

PASSWORD = "correct horse battery"


def sign_up(page: Page, name: str) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Display name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_two_newcomers_sign_up_make_a_room_and_talk(windows: Windows) -> None:
    ada, bob = windows.page(path="/accounts/signup/"), windows.page(path="/accounts/signup/")
    sign_up(ada, "Ada of the walk")
    ada.goto("/rooms/")
    ada.get_by_label("Name", exact=True).fill("Tea room")
    ada.get_by_label("Topic").fill("Oolong, mostly")
    ada.get_by_role("button", name="Make the room").click()
    expect(ada).to_have_url(re.compile(r"/rooms/\d+/$"))
    hers = RoomPage(ada)
    hers.expect_live()
    expect(ada.locator(".room-name")).to_have_text("Tea room")
    expect(ada.locator(".room-topic")).to_have_text("Oolong, mostly")

    sign_up(bob, "鲍勃")
    bob.goto("/rooms/")
    bob.get_by_role("button", name="Join Tea room").click()
    his = RoomPage(bob)
    his.expect_live()
    hers.say("Hello, who is there?")
    expect(his.rows.last.locator(".message-body")).to_have_text("Hello, who is there?")
    expect(his.rows.last.locator(".message-author")).to_have_text("Ada of the walk")
    his.say("我在这里。")
    expect(hers.rows.last.locator(".message-body")).to_have_text("我在这里。")
    expect(hers.rows.last.locator(".message-author")).to_have_text("鲍勃")
    assert hers.shown_log() == his.shown_log()


def test_somebody_signs_out_and_in_again_by_the_form(windows: Windows) -> None:
    page = windows.page(path="/accounts/signup/")
    sign_up(page, "Ada who returns")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Name or e-mail").fill("Ada who returns")
    page.get_by_label("Password", exact=True).fill("not her password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_an_outsider_reads_an_open_room_and_joins_with_one_click(
    windows: Windows, rooms: Rooms, eve: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 2)
    window = windows.room(eve, room)
    window.expect_shown(2, "message 2")
    expect(window.composer).to_be_hidden()
    window.page.get_by_role("button", name="Join the room").click()
    expect(window.composer).to_be_visible()
    expect(window.link(room)).to_be_visible()
    window.say("May I?")


def test_joining_in_one_window_shows_in_the_other(
    windows: Windows, rooms: Rooms, eve: Person
) -> None:
    room = rooms.make()
    first, second = windows.room(eve, room), windows.room(eve, room)
    expect(second.composer).to_be_hidden()
    first.page.get_by_role("button", name="Join the room").click()
    expect(second.composer).to_be_visible()
    expect(second.link(room)).to_be_visible()
    first.say("I am in.")
    second.expect_shown(1, "I am in.")
