"""Those who lead a room mute, kick and ban in the page; who is concerned hears of it at once."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.complaints import Complaints
from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.moderating import (
    REASON,
    WITHIN_MS,
    appoint,
    items,
    press,
    undo,
)
from tests.browser.test_axe import expect_nothing_found


def test_who_is_muted_hears_of_it_within_a_second_and_again_when_it_is_lifted(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 1)
    hers, his = windows.room(ada, room), windows.room(bob, room)
    expect(his.composer).to_be_visible()
    hers.choose(1, "Mute…")
    hers.dialog.get_by_label("1 hour").check()
    hers.dialog.get_by_label("Reason").fill(REASON)
    hers.dialog.get_by_label("Private note").fill("Second time.")
    preview = hers.dialog.locator(".preview")
    expect(preview).to_have_text(
        f"You cannot write in this room, for another 1 hour. Reason: {REASON}"
    )
    expect_nothing_found(hers.page)
    hers.dialog.get_by_role("button", name="Mute").click()
    began = time.perf_counter()
    expect(his.composer).to_be_hidden(timeout=WITHIN_MS)
    assert time.perf_counter() - began < 1
    expect(his.page.locator("chat-not-writing")).to_contain_text(REASON)
    expect(his.page.locator("body")).not_to_contain_text("Second time.")
    expect(undo(hers)).to_contain_text(f"{bob.name} is muted.")
    hers.page.get_by_role("button", name="Undo").click()
    expect(his.composer).to_be_visible(timeout=WITHIN_MS)


def test_a_mute_until_a_date_by_keys(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 1)
    hers, his = windows.room(ada, room), windows.room(bob, room)
    press(hers, 1, "m")
    hers.dialog.get_by_label("Until…").check()
    date = hers.dialog.locator("[type=datetime-local]")
    expect(date).to_be_focused()
    date.fill("2020-01-01T12:00")
    hers.page.keyboard.press("Enter")
    expect(hers.dialog.get_by_role("alert")).to_have_text("Choose a time that is still to come.")
    date.fill(
        hers.page.evaluate(
            """() => {
                 const at = new Date(Date.now() + 49 * 3600_000);
                 at.setMinutes(at.getMinutes() - at.getTimezoneOffset());
                 return at.toISOString().slice(0, 16);
               }"""
        )
    )
    expect(hers.dialog.locator(".preview")).to_contain_text("2 days")
    hers.page.keyboard.press("Enter")
    expect(his.composer).to_be_hidden()
    expect(hers.row(1)).to_be_focused()


def test_a_ban_closes_the_other_window_with_the_reason(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person, complaints: Complaints
) -> None:
    complaints.excuse(r"status of 40[34]")
    room = rooms.make()
    rooms.talk(room, 1)
    hers, his = windows.room(ada, room), windows.room(bob, room)
    press(hers, 1, "b")
    hers.dialog.get_by_label("For ever").check()
    hers.dialog.get_by_label("Reason").fill(REASON)
    expect(hers.dialog.locator(".preview")).to_contain_text("banned from this room, for ever")
    hers.dialog.get_by_role("button", name="Ban").click()
    expect(his.rows).to_have_count(0, timeout=WITHIN_MS)
    expect(his.page.locator("main")).to_contain_text(REASON)
    # He stands in the list of people as banned, from where it is lifted again.
    person = hers.page.locator(f'.person[data-person="{bob.id}"]')
    expect(person.locator(".banned")).to_have_attribute("title", f"Banned · for ever · {REASON}")
    person.hover()
    person.get_by_role("button", name=f"What to do about {bob.name}").click()
    assert items(hers) == ["Mute…", "Lift the ban"]
    hers.menu.get_by_role("menuitem", name="Lift the ban").click()
    expect(person.locator(".banned")).to_have_count(0)


def test_a_kick_from_the_list_of_people(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person, complaints: Complaints
) -> None:
    complaints.excuse(r"status of 404")
    room = rooms.make_private("Cellar")
    rooms.talk(room, 1)
    hers, his = windows.room(ada, room), windows.room(bob, room)
    person = hers.page.locator(f'.person[data-person="{bob.id}"]')
    more = person.get_by_role("button")
    more.focus()
    hers.page.keyboard.press("Enter")
    assert items(hers) == ["Mute…", "Kick…", "Ban…"]
    hers.page.keyboard.press("ArrowDown")
    hers.page.keyboard.press("Enter")
    expect(hers.dialog.get_by_text("For how long")).to_have_count(0)
    hers.dialog.get_by_label("Reason").fill(REASON)
    hers.page.keyboard.press("Enter")
    expect(his.rows).to_have_count(0, timeout=WITHIN_MS)
    expect(his.page.locator("main")).to_contain_text(REASON)
    expect(person).to_have_count(0)


def test_nothing_is_offered_for_oneself_nor_for_those_above_and_nothing_to_members(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person, mona: Person
) -> None:
    room = rooms.make()
    for who in (ada, bob):
        rooms.talk(room, 1, by=who)
    appoint(rooms, ada, mona, room)
    rooms.talk(room, 1, by=mona)
    hers, his = windows.room(mona, room), windows.room(bob, room)
    for seq, wanted in (
        (1, ["Pin", "Redact…"]),
        (2, ["Pin", "Redact…", "Mute…", "Kick…", "Ban…"]),
        (3, ["Pin", "Redact…"]),
    ):
        hers.open_menu(seq)
        offered = items(hers)
        assert [item for item in offered if item in wanted] == wanted
        assert ("Mute…" in offered) is ("Mute…" in wanted)
        hers.page.keyboard.press("Escape")
    his.open_menu(1)
    assert not {"Pin", "Redact…", "Mute…", "Ban…"} & set(items(his))
    his.page.keyboard.press("Escape")
    for key in ("m", "b", "k", "p"):
        press(his, 1, key)
    expect(his.dialog).to_have_count(0)
    for window, count in ((hers, 1), (his, 0)):
        expect(window.page.locator(".person-more")).to_have_count(count)
    expect(his.page.get_by_role("button", name="Moderate this room")).to_be_hidden()


def test_a_site_moderator_leads_a_room_that_they_only_read(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person, cast: Callable[..., Person]
) -> None:
    room = rooms.make()
    rooms.talk(room, 1)
    stan = cast("stan", is_staff=True, is_superuser=True)
    window, his = windows.room(stan, room), windows.room(bob, room)
    press(window, 1, "m")
    window.dialog.get_by_role("button", name="Mute").click()
    expect(his.composer).to_be_hidden()


def test_what_the_server_refuses_is_said_in_the_dialog(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person, mona: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 1)
    appoint(rooms, ada, mona, room)
    hers = windows.room(mona, room)
    press(hers, 1, "m")
    expect(hers.dialog).to_be_visible()
    # Meanwhile he became a moderator as well.
    rooms.act("members.set_role", ada, room_id=room, user_id=bob.id, role="moderator")
    hers.dialog.get_by_role("button", name="Mute").click()
    expect(hers.dialog.get_by_role("alert")).to_have_text(
        "You cannot do this to somebody of your rank or above it."
    )
