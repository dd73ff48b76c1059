"""Who loses a room or a session is told in the open window, and what they wrote is not lost."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.complaints import Complaints
from tests.browser.conftest import Person, Rooms, Windows


def test_an_archived_room_says_so_where_one_would_write(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    window = windows.room(bob, room)
    expect(window.composer).to_be_visible()
    rooms.act("rooms.archive_room", ada, room_id=room)
    expect(window.composer).to_be_hidden()
    expect(window.page.locator("chat-not-writing")).to_contain_text("This room is archived.")
    rooms.act("rooms.restore_room", ada, room_id=room)
    expect(window.composer).to_be_visible()


def test_who_is_removed_from_a_private_room_no_longer_sees_it(
    windows: Windows, rooms: Rooms, ada: Person, bob: Person, complaints: Complaints
) -> None:
    # The list of people may be asked for in the very moment of the removal.
    complaints.excuse(r"status of 404")
    room = rooms.make_private("Cellar")
    rooms.talk(room, 3)
    window = windows.room(bob, room)
    window.expect_shown(3, "message 3")
    rooms.act("sanctions.kick", ada, room_id=room, user_id=bob.id)
    expect(window.composer).to_be_hidden()
    expect(window.rows).to_have_count(0)
    expect(window.page.locator("body")).not_to_contain_text("message 3")
    expect(window.page.get_by_role("link", name="See all rooms")).to_be_visible()
    expect(window.link(room)).to_have_count(0)


def test_signing_out_everywhere_leads_the_open_windows_to_the_way_in(
    windows: Windows, rooms: Rooms, bob: Person, complaints: Complaints
) -> None:
    complaints.excuse(r"^WebSocket connection to .* failed")
    room = rooms.make()
    window = windows.room(bob, room)
    window.composer.press_sequentially("half a sentence")
    profile = windows.page(bob, "/profile/")
    profile.get_by_role("button", name="Sign out everywhere").click()
    expect(window.page).to_have_url(re.compile(rf"/accounts/login/\?next=.*rooms.*{room}"))
    expect(window.page.get_by_role("button", name="Sign in")).to_be_visible()
