"""The reader's place: kept while messages come and history loads, left only when they say so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.voice import Voice

Speak = Callable[[Person], Voice]
SAME_PLACE_PX = 2
HISTORY = "**/api/rooms/*/messages/**"


def test_messages_that_come_do_not_move_who_reads_above(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 80)
    rooms.read(room, ada, 80)
    window = windows.room(ada, room)
    window.expect_at_end()
    window.scroll_to(40)
    before = window.top_of(40)
    voice = speak(bob)
    for n in range(3):
        voice.post(room, f"new {n}")
    expect(window.pill).to_have_text("3 new messages")
    assert abs(window.top_of(40) - before) <= SAME_PLACE_PX
    window.pill.click()
    window.expect_at_end()
    window.expect_shown(83, "new 2")
    expect(window.pill).to_be_hidden()


def test_who_is_at_the_end_follows_it(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 60)
    rooms.read(room, ada, 60)
    window = windows.room(ada, room)
    voice = speak(bob)
    for n in range(30):
        voice.post(room, f"line {n}\nand another")
    window.expect_shown(90, "line 29\nand another")
    window.expect_at_end()
    expect(window.pill).to_be_hidden()


def test_ones_own_post_brings_the_end(windows: Windows, rooms: Rooms, ada: Person) -> None:
    room = rooms.make()
    rooms.talk(room, 80)
    rooms.read(room, ada, 80)
    window = windows.room(ada, room)
    window.scroll_to(40)
    window.expect_at_end(at_end=False)
    window.say("my own")
    window.expect_at_end()


def test_history_that_is_loaded_moves_nothing(windows: Windows, rooms: Rooms, ada: Person) -> None:
    room = rooms.make()
    rooms.talk(room, 180)
    rooms.read(room, ada, 180)
    device = windows.device(ada)
    # Held back, so that the place can be measured before and after.
    held: list[Route] = []
    device.route(HISTORY, lambda route: held.append(route))  # noqa: PLW0108
    window = windows.tab(device, room)
    window.scroll_to(140)
    before = window.top_of(140)
    expect(window.row(130)).to_have_count(0)
    assert len(held) == 1
    held[0].continue_()
    expect(window.row(81)).to_be_attached()
    assert abs(window.top_of(140) - before) <= SAME_PLACE_PX


def test_all_of_a_long_history_can_be_walked_to_its_beginning(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 520)
    rooms.read(room, ada, 520)
    window = windows.room(ada, room)
    window.row(520).wait_for()
    for _ in range(60):
        if window.row(1).count():
            break
        first = window.rows.first.get_attribute("data-seq")
        window.scroller.evaluate("(s) => { s.scrollTop = 0; }")
        window.page.wait_for_function(
            """(first) => document.querySelector(".message").dataset.seq !== first
                 || document.querySelector("#m1")""",
            arg=first,
        )
    expect(window.row(1)).to_be_attached()
    window.scroller.evaluate("(s) => { s.scrollTop = 0; }")
    expect(window.page.get_by_role("heading", name="This is the beginning of")).to_be_visible()
    # Far from the end the newest rows were let go; the way back reads them again.
    assert window.rows.count() <= 420
    window.page.get_by_role("button", name="Back to the present").click()
    window.expect_at_end()
    window.expect_shown(520, "message 520")


def test_new_messages_far_below_the_loaded_window_are_counted(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 300)
    rooms.read(room, ada, 300)
    window = windows.room(ada, room, "#m40")
    window.expect_shown(40, "message 40")
    voice = speak(bob)
    voice.post(room, "one")
    voice.post(room, "two")
    expect(window.pill).to_have_text("2 new messages")
    expect(window.row(301)).to_have_count(0)
    window.pill.click()
    window.expect_shown(302, "two")
    window.expect_at_end()


@pytest.mark.parametrize("unread", [5, 120])
def test_a_room_opens_at_the_first_unread_with_a_divider(
    windows: Windows, rooms: Rooms, ada: Person, unread: int
) -> None:
    room = rooms.make()
    rooms.talk(room, 200)
    first = 200 - unread + 1
    rooms.read(room, ada, first - 1)
    window = windows.room(ada, room)
    expect(window.divider).to_be_in_viewport()
    expect(window.row(first)).to_be_in_viewport()
    after = window.divider.evaluate("(line) => line.nextElementSibling.id")
    assert after == f"m{first}"
    if unread > 100:
        expect(window.row(200)).not_to_be_in_viewport()
        expect(window.pill).to_be_visible()


def test_the_divider_stays_until_the_reader_leaves(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room, other = rooms.make(), rooms.make()
    rooms.talk(room, 10)
    rooms.read(room, ada, 7)
    window = windows.room(ada, room)
    expect(window.divider).to_be_visible()
    window.say("an answer")
    expect(window.divider).to_be_visible()
    window.link(other).click()
    expect(window.divider).to_have_count(0)
    window.link(room).click()
    window.expect_shown(11, "an answer")
    expect(window.divider).to_have_count(0)


def test_the_place_in_a_room_is_remembered(windows: Windows, rooms: Rooms, ada: Person) -> None:
    room, other = rooms.make(), rooms.make()
    rooms.talk(room, 200)
    rooms.read(room, ada, 200)
    window = windows.room(ada, room)
    window.expect_at_end()
    window.scroll_to(140)
    before = window.top_of(140)
    window.expect_at_end(at_end=False)
    window.link(other).click()
    expect(window.row(140)).to_have_count(0)
    window.link(room).click()
    expect(window.row(140)).to_be_in_viewport()
    assert abs(window.top_of(140) - before) <= SAME_PLACE_PX
    window.page.reload()
    expect(window.row(140)).to_be_in_viewport()
    assert abs(window.top_of(140) - before) <= SAME_PLACE_PX


def test_an_edit_that_makes_a_message_above_longer_moves_nothing(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    voice = speak(bob)
    above = voice.post(room, "short")
    rooms.talk(room, 49)
    rooms.read(room, ada, 50)
    window = windows.room(ada, room)
    window.expect_shown(50, "message 49")
    window.scroll_to(12)
    before = window.top_of(12)
    voice.edit(above["id"], "long\n" * 20 + "end")
    expect(window.body(1)).to_contain_text("end")
    assert abs(window.top_of(12) - before) <= SAME_PLACE_PX


def test_a_growing_composer_leaves_the_end_in_view(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 60)
    rooms.read(room, ada, 60)
    window = windows.room(ada, room)
    window.expect_at_end()
    height = window.composer.bounding_box()
    for _ in range(5):
        window.composer.press("Shift+Enter")
    grown = window.composer.bounding_box()
    assert height
    assert grown
    assert grown["height"] > height["height"]
    window.expect_at_end()
    expect(window.row(60)).to_be_in_viewport()


def test_who_writes_while_a_room_still_opens_stays_at_the_end(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 200)
    device = windows.device(ada)
    held: list[Route] = []
    device.route(HISTORY, lambda route: held.append(route))  # noqa: PLW0108
    window = windows.tab(device, room)
    window.write("I am quicker than the network")
    expect(window.composer).to_have_value("")
    device.route(HISTORY, lambda route: route.continue_())
    for route in held:
        route.continue_()
    window.expect_shown(201, "I am quicker than the network")
    expect(window.row(201)).to_be_in_viewport()
    window.expect_at_end()
