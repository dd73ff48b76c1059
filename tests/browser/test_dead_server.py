"""The server dies while people write: what they wrote waits, and is sent exactly once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.complaints import Complaints
from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.room_page import BACK_MS, RoomPage
from tests.browser.site import RealSite


@pytest.fixture(autouse=True)
def alive_again(site: RealSite, complaints: Complaints) -> Iterator[None]:
    complaints.excuse_lost_line()
    yield
    site.kill()
    site.start()


def type_on(window: RoomPage, text: str) -> None:
    window.composer.press_sequentially(text)


def test_it_dies_while_one_types_and_has_posted(
    site: RealSite, windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    hers, his = windows.room(ada, room), windows.room(bob, room)
    hers.say("before")
    type_on(hers, "half a sen")
    site.kill()
    type_on(hers, "tence")
    hers.composer.press("Enter")
    hers.write("another")
    his.write("bob's own")
    expect(hers.waiting).to_have_count(2)
    type_on(hers, "a draft that nobody sends")
    expect(hers.status).to_have_attribute("data-state", "reconnecting")
    expect(hers.status).to_contain_text("2 messages waiting to be sent")

    site.start()
    hers.expect_live()
    his.expect_live()
    for window in (hers, his):
        expect(window.rows).to_have_count(4, timeout=BACK_MS)
    log = rooms.log(room)
    assert sorted(text for _seq, text in log) == [
        *("another", "before", "bob's own", "half a sentence")
    ]
    texts = [text for _seq, text in log]
    assert texts.index("half a sentence") < texts.index("another")
    hers.expect_log(log)
    his.expect_log(log)
    expect(hers.composer).to_have_value("a draft that nobody sends")
    expect(hers.composer).to_be_focused()


def test_a_reload_finds_the_waiting_outbox_and_sends_it_once(
    site: RealSite, windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make()
    device = windows.device(ada)
    window = windows.tab(device, room)
    site.kill()
    window.write("one")
    window.write("two")
    type_on(window, "draft")
    expect(window.waiting).to_have_count(2)
    # The tab is gone before the server is back.
    window.page.close()
    site.start()
    window = windows.tab(device, room)
    expect(window.rows).to_have_count(2)
    window.expect_log([[1, "one"], [2, "two"]])
    assert rooms.log(room) == [[1, "one"], [2, "two"]]
    expect(window.composer).to_have_value("draft")
    window.page.reload()
    window.expect_log([[1, "one"], [2, "two"]])
    assert len(rooms.log(room)) == 2


def test_two_tabs_with_one_outbox_send_once(
    site: RealSite, windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make()
    device = windows.device(ada)
    first, second = windows.tab(device, room), windows.tab(device, room)
    site.kill()
    first.write("from the first tab")
    second.write("from the second tab")
    expect(first.waiting).to_have_count(1)
    expect(second.waiting).to_have_count(1)
    # Each tab sees the other's entry in the store; and one tab goes before it can send.
    first.page.close()
    site.start()
    second.expect_live()
    expect(second.rows).to_have_count(2, timeout=BACK_MS)
    # A row that still waits counts as a row, too.
    expect(second.waiting).to_have_count(0, timeout=BACK_MS)
    log = rooms.log(room)
    assert sorted(text for _seq, text in log) == ["from the first tab", "from the second tab"]
    second.expect_log(log)


def test_what_was_missed_while_it_was_dead_is_there_after_it_returns(
    site: RealSite, windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 5, by=bob)
    window = windows.room(ada, room)
    site.kill()
    rooms.talk(room, 60, by=bob, text="missed")
    rooms.redact(room, [2, 10, 65])
    site.start()
    window.expect_live()
    expect(window.row(65)).to_be_attached(timeout=BACK_MS)
    window.expect_log(rooms.log(room))
    expect(window.status).to_contain_text("60 missed messages were filled in")
