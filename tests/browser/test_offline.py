"""Away and back: nothing is missing, what was redacted meanwhile is gone, the gap is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.complaints import Complaints
from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.room_page import BACK_MS
from tests.browser.voice import Voice

Speak = Callable[[Person], Voice]

KEEP_SOCKETS = """
const Original = WebSocket;
window.sockets = [];
window.WebSocket = class extends Original {
  constructor(...facts) {
    super(...facts);
    sockets.push(this);
  }
};
"""
CUT_AND_WATCH = """() => {
  const status = document.querySelector("chat-status");
  window.statesSeen = [];
  const note = () => status.dataset.state === "live" || statesSeen.push(status.dataset.state);
  new MutationObserver(note).observe(status, { attributeFilter: ["data-state"] });
  sockets.at(-1).close();
}"""


@pytest.fixture(autouse=True)
def lost_line(complaints: Complaints) -> None:
    complaints.excuse_lost_line()


def test_sixty_messages_missed_and_three_redacted(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person, bob: Person
) -> None:
    room = rooms.make()
    rooms.talk(room, 10, by=bob)
    window = windows.room(ada, room)
    window.expect_shown(10, "message 10")
    window.page.context.set_offline(True)
    expect(window.status).to_have_attribute("data-state", "offline")
    window.write("written without a network")
    expect(window.waiting).to_have_count(1)
    voice = speak(bob)
    ids = [voice.post(room, f"missed {n}")["id"] for n in range(60)]
    for message in (ids[0], ids[30], ids[59]):
        voice.redact(message)
    rooms.redact(room, [3])
    window.page.context.set_offline(False)

    window.expect_live()
    expect(window.status).to_contain_text("60 missed messages were filled in")
    expect(window.rows.filter(has_text="written without a network")).to_have_attribute(
        "data-state", "stored", timeout=BACK_MS
    )
    log = rooms.log(room)
    assert [seq for seq, text in log if text is None] == [3, 11, 41, 70]
    assert log[-1] == [71, "written without a network"]
    window.expect_log(log)
    expect(window.body(3)).to_contain_text("A moderator redacted this message.")
    expect(window.body(11)).to_contain_text("The author took this message back.")


def test_a_short_loss_is_not_worth_a_word(windows: Windows, rooms: Rooms, ada: Person) -> None:
    room = rooms.make()
    device = windows.device(ada)
    device.add_init_script(KEEP_SOCKETS)
    window = windows.tab(device, room)
    with window.page.expect_websocket(timeout=BACK_MS):
        window.page.evaluate(CUT_AND_WATCH)
    window.say("still here")
    assert window.page.evaluate("statesSeen") == []


def test_a_page_of_history_that_cannot_be_loaded_can_be_asked_for_again(
    windows: Windows, rooms: Rooms, ada: Person, complaints: Complaints
) -> None:
    room = rooms.make()
    rooms.talk(room, 120)
    rooms.read(room, ada, 120)
    device = windows.device(ada)
    device.route("**/api/rooms/*/messages/**", lambda route: route.abort())
    complaints.excuse("net::ERR_FAILED")
    window = windows.tab(device, room)
    again = window.page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    device.unroute_all()
    again.click()
    expect(window.row(70)).to_be_attached()
