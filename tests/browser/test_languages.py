"""Every page speaks English, simplified and traditional Chinese, by browser or by profile."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.room_page import RoomPage

# What people wrote, keys, names of languages and of zones stay as they are in any language.
LEFT_IN_ENGLISH = """() => {
  const own = "kbd, bdi, [dir=auto], body [lang], .site-name, .wordmark, .avatar, .me, script,"
    + " style, noscript, template, datalist, select, .message-body, .message-author";
  const kept = /e-?mail|Chat|Emoji|JPEG|PNG|GIF|WebP|Ctrl|Shanghai|Taipei|lobby|ada|bob/gi;
  const isEnglish = (text) => /[A-Za-z]{3,}/.test(text.replace(kept, ""));
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { data, parentElement } = walk.currentNode;
    if (!parentElement.closest(own)) texts.push(data.trim());
  }
  for (const element of document.querySelectorAll("body *")) {
    for (const name of ["title", "aria-label", "placeholder", "alt"]) {
      texts.push(element.getAttribute(name) ?? "");
    }
  }
  return texts.filter(isEnglish);
}"""
LOCALES = {"zh-hans": "zh-CN", "zh-hant": "zh-TW"}


def expect_language(page: Page, language: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.evaluate(LEFT_IN_ENGLISH) == []


@pytest.mark.parametrize("language", LOCALES)
def test_newcomers_are_met_in_the_language_of_their_browser(
    windows: Windows, language: str
) -> None:
    page = windows.page(locale=LOCALES[language])
    for path in ("/", "/accounts/signup/", "/accounts/password/reset/"):
        page.goto(path)
        expect_language(page, language)


def test_a_newcomer_chooses_a_language_at_the_foot_of_the_page(windows: Windows) -> None:
    page = windows.page()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="繁體中文").click()
    expect(page.get_by_role("heading", name="登入")).to_be_visible()
    page.goto("/accounts/signup/")
    expect_language(page, "zh-hant")


@pytest.mark.parametrize("language", LOCALES)
def test_the_profile_wins_over_the_browser(
    windows: Windows, rooms: Rooms, cast: Callable[..., Person], language: str
) -> None:
    ada = cast("ada", language=language)
    room = rooms.make()
    rooms.act("members.join_room", ada, room_id=room)
    rooms.talk(room, 2)
    rooms.redact(room, [1])
    device = windows.device(ada, locale="en-GB")
    window = windows.tab(device, room)
    window.say("你好")
    window.composer.press("ArrowUp")
    window.edit_field.fill("你们好")
    window.edit_field.press("Enter")
    window.expect_shown(3, "你们好")
    expect(window.page.locator(".day-line")).to_have_text("今天")
    expect_language(window.page, language)
    for open_part in (open_menu, open_switcher, open_keys, open_redaction):
        open_part(window)
        expect_language(window.page, language)
        window.page.keyboard.press("Escape")
    for path in ("/rooms/", "/profile/", f"/rooms/{room}/settings/"):
        window.page.goto(path)
        expect_language(window.page, language)


def open_menu(window: RoomPage) -> None:
    window.open_menu(3)


def open_switcher(window: RoomPage) -> None:
    window.page.keyboard.press("Control+k")
    expect(window.dialog).to_be_visible()


def open_keys(window: RoomPage) -> None:
    window.row(3).focus()
    window.page.keyboard.press("?")
    expect(window.dialog).to_be_visible()


def open_redaction(window: RoomPage) -> None:
    window.row(3).focus()
    window.page.keyboard.press("Delete")
    expect(window.dialog).to_be_visible()


def test_the_three_languages_differ(
    windows: Windows, rooms: Rooms, cast: Callable[..., Person]
) -> None:
    room = rooms.make()
    said = {}
    for language in ("en", *LOCALES):
        window = windows.room(cast("ada", language=language), room)
        join = window.page.locator("chat-not-writing button")
        expect(join).to_be_visible()
        said[language] = [
            *(window.status.inner_text(), join.inner_text()),
            *(window.page.locator(".jump span").inner_text(),),
        ]
    assert not set(said["en"]) & {*said["zh-hans"], *said["zh-hant"]}
    assert said["zh-hans"] != said["zh-hant"]


def test_times_are_the_readers(windows: Windows, rooms: Rooms, cast: Callable[..., Person]) -> None:
    room = rooms.make()
    rooms.talk(room, 1)
    shown = {}
    for zone, locale in (("Asia/Taipei", "en-GB"), ("America/New_York", "en-US")):
        window = windows.room(cast("ada", time_zone=zone), room, locale=locale)
        time = window.row(1).locator("time")
        shown[zone] = (time.get_attribute("title"), time.inner_text())
    assert shown["Asia/Taipei"][0] != shown["America/New_York"][0]
    assert re.fullmatch(r"\d\d:\d\d", shown["Asia/Taipei"][1])
    assert re.fullmatch(r"\d+:\d\d\s[AP]M", shown["America/New_York"][1])
