"""What people write is shown as text, whatever it is, and breaks nothing."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Person, Rooms, Windows
from tests.browser.voice import Voice

Speak = Callable[[Person], Voice]
# Bodies are stored without spaces at their ends, and with \n alone for a line break.
TEXTS = {
    "script": '<script>document.title = "owned"</script>',
    "image": "<img src=x onerror=\"document.title='owned'\">",
    "closing": "</script></textarea><!--<script>alert(1)//",
    "svg": "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "javascript": "javascript:alert(1) [x](javascript:alert(1)) data:text/html,<b>x</b>",
    "template": "{{ 7 * 7 }} ${7 * 7} {% csrf_token %} &lt;b&gt; %(count)s",
    "bidi": "\u202eabc\u2066def\u2069 \u05d0\u05d1\u05d2 \u200f!",
    "separators": "a\u2028b\u2029c\u00a0d",
    "emoji": "👩‍👩‍👧‍👦" * 500,
    "4,000 emoji": "😀" * 4_000,
    "4,000 lines": "\n".join("x" for _ in range(2_000)),
    "4,000 letters": "w" * 4_000,
    "zalgo": "Z" + "\u0301" * 60 + "algo",
    "unfinished": "\u0e01\u0e33 e\u0301 \U0001f1e8",
}


def test_everything_is_shown_as_it_was_written(
    windows: Windows, rooms: Rooms, speak: Speak, ada: Person, bob: Person
) -> None:
    room = rooms.make("Texts")
    voice = speak(bob)
    bodies = list(TEXTS.values())
    # The first half is in the page when it comes, the second half comes over the socket.
    half = len(bodies) // 2
    for body in bodies[:half]:
        voice.post(room, body)
    window = windows.room(ada, room)
    for body in bodies[half:]:
        voice.post(room, body)
    expect(window.rows).to_have_count(len(bodies))
    assert window.shown_log() == [[seq, body] for seq, body in enumerate(bodies, 1)]
    text = window.page.locator(".message-body")
    expect(text.locator(":not(a)")).to_have_count(0)
    expect(text.locator("a:not([href^=http])")).to_have_count(0)
    wide, shown = window.scroller.evaluate("(s) => [s.scrollWidth, s.clientWidth]")
    assert wide <= shown
    window.say("and I can still write")
    window.expect_title("Texts")


def test_four_thousand_line_breaks_are_written_and_sent(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make()
    window = windows.room(ada, room)
    text = "a" + "\n" * 3_998 + "b"
    # As a paste leaves it. Chromium itself takes half a minute to insert so many lines.
    window.composer.evaluate(
        "(field, text) => { field.value = text; field.dispatchEvent(new Event('input')); }", text
    )
    window.composer.press("Enter")
    expect(window.row(1)).to_have_attribute("data-state", "stored")
    assert window.body(1).evaluate("(body) => body.textContent") == text
    assert rooms.log(room) == [[1, text]]


def test_too_long_is_told_while_writing_and_not_sent(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    room = rooms.make()
    window = windows.room(ada, room)
    window.composer.fill("字" * 4_001)
    expect(window.page.locator(".composer-counter")).to_have_text("1 character too many")
    window.composer.press("Enter")
    expect(window.page.get_by_role("button", name="Send")).to_be_disabled()
    window.composer.press("Backspace")
    window.composer.press("Enter")
    expect(window.row(1)).to_have_attribute("data-state", "stored")
    assert rooms.log(room) == [[1, "字" * 4_000]]


def test_addresses_become_links_that_carry_nothing_along(
    windows: Windows, rooms: Rooms, ada: Person
) -> None:
    window = windows.room(ada, rooms.make())
    window.say("See https://example.org/a?b=c. Or (http://example.net), please.")
    links = window.body(1).get_by_role("link")
    expect(links).to_have_text(["https://example.org/a?b=c", "http://example.net"])
    for link in links.all():
        assert link.get_attribute("rel") == "noopener noreferrer nofollow ugc"
        assert link.get_attribute("target") == "_blank"


def test_a_name_that_runs_the_other_way_turns_nothing_around(
    windows: Windows, rooms: Rooms, speak: Speak, cast: Callable[..., Person], ada: Person
) -> None:
    room = rooms.make()
    dalet = cast("דלת")
    rooms.act("members.join_room", dalet, room_id=room)
    speak(dalet).post(room, "שלום (1) hello!")
    window = windows.room(ada, room)
    expect(window.row(1).locator(".message-author")).to_have_attribute("dir", "auto")
    assert window.body(1).evaluate("(b) => getComputedStyle(b).direction") == "rtl"
    name = window.row(1).locator(".message-author").bounding_box()
    time = window.row(1).locator("time").bounding_box()
    assert name
    assert time
    assert name["x"] < time["x"]
