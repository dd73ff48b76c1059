"""The limits, each at the limit and one beyond; defaults as ``docs/settings.md`` has them."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from chat.protocol import HISTORY_MAX, MAX_BODY_CHARS, MAX_FRAME_BYTES, MAX_ROOMS_FOLLOWED
from tests.live.stage import Stage

POSTS_BURST = 10
COMMANDS_PER_MINUTE = 120
CONNECTIONS_PER_PERSON = 10
CONNECTIONS_PER_ADDRESS = 20


@pytest.mark.parametrize("character", ["x", "😀", "["])
async def test_a_text_of_4000_characters_fits_and_4001_do_not(character: str, stage: Stage) -> None:
    ada = stage.person("ada")
    room = stage.room(ada)
    # Four bytes each, 4,000 emoji leave little of a frame: they fit all the same.
    async with stage.window(ada) as window:
        await window.follow(room)
        fits = character * MAX_BODY_CHARS
        if len(fits.encode()) < MAX_FRAME_BYTES - 100:
            await window.say(room, fits, "nonce-001")
            assert (await window.hear_message(room, fits))["body"] == fits
        beyond = await window.ask("post", room=room, nonce="nonce-002", body=fits + character)
        assert beyond["code"] == "too_long"
        assert await window.is_alive()


async def test_a_frame_of_16_kib_is_read_and_a_byte_more_is_not(stage: Stage) -> None:
    async with stage.window(stage.person("ada")) as window:
        ping = '{"type":"ping","id":99}'
        await window.connection.send(ping + " " * (MAX_FRAME_BYTES - len(ping)))
        assert (await window.hear("ok"))["id"] == 99
        await window.connection.send(ping + " " * (MAX_FRAME_BYTES - len(ping) + 1))
        assert (await window.hear("error"))["code"] == "too_large"
        assert await window.is_alive()


async def test_ten_posts_at_once_are_taken_and_the_next_must_wait(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with stage.window(bob) as his, stage.window(bob) as again, stage.window(ada) as hers:
        for number in range(POSTS_BURST):
            await his.say(room, f"Number {number}.", f"nonce-{number:03d}")
        # The limit is the person's, in whichever window.
        for window in (his, again):
            refusal = await window.ask("post", room=room, nonce="nonce-010", body="And more.")
            assert refusal["code"] == "throttled"
            assert 0 < refusal["retry_after"] <= 10
        await hers.say(room, "Others are not held back.", "nonce-001")
        assert await his.is_alive()
    assert len(stage.backstage("stored", room=room)) == POSTS_BURST + 1


async def test_120_commands_are_answered_and_then_the_socket_is_closed(stage: Stage) -> None:
    async with (
        stage.window(stage.person("ada")) as window,
        stage.window(stage.person("bob")) as other,
    ):
        ids = [await window.send("ping") for _ in range(COMMANDS_PER_MINUTE)]
        for command_id in ids:
            await window.hear(lambda f, i=command_id: f.get("id") == i)
        # While they were answered, a few seconds may have given a few more.
        for _ in range(30):
            await window.connection.send('{"type":"ping","id":1}')
        assert (await window.hear("notice"))["code"] == "too_fast"
        assert await window.closed() == 4029
        assert await other.is_alive()


async def test_nonsense_counts_as_commands(stage: Stage) -> None:
    async with stage.window(stage.person("ada")) as window:
        await window.welcome()
        for _ in range(COMMANDS_PER_MINUTE + 30):
            await window.connection.send("nonsense")
        assert await window.closed() == 4029
        assert len([f for f in window.heard if f["type"] == "error"]) >= COMMANDS_PER_MINUTE


async def test_ten_windows_a_person_and_no_more(stage: Stage) -> None:
    ada = stage.person("ada")
    async with AsyncExitStack() as windows:
        first = await windows.enter_async_context(stage.window(ada))
        await first.welcome()
        for _ in range(CONNECTIONS_PER_PERSON - 1):
            await (await windows.enter_async_context(stage.window(ada))).welcome()
        async with stage.window(ada) as one_more:
            notice = await one_more.hear("notice")
            assert (notice["code"], bool(notice["text"])) == ("too_fast", True)
            assert await one_more.closed() == 4029
        await first.leave()
        async with stage.window(ada) as instead:
            await instead.welcome()


async def test_twenty_windows_an_address_and_no_more(stage: Stage) -> None:
    people = stage.people(*(["guest"] * 3))
    async with AsyncExitStack() as windows:
        for number in range(CONNECTIONS_PER_ADDRESS):
            window = await windows.enter_async_context(stage.window(people[number % 2]))
            await window.welcome()
        async with stage.window(people[2]) as one_more:
            assert await one_more.closed() == 4029
        # An address that one writes oneself changes nothing.
        headers = {"Cookie": f"sessionid={people[2].session}", "X-Forwarded-For": "192.0.2.7"}
        async with stage.window(None, additional_headers=headers) as spoofed:
            assert await spoofed.closed() == 4029


async def test_a_socket_follows_100_rooms_and_no_more(stage: Stage) -> None:
    ada = stage.person("ada")
    names = [f"{ada.name} {number}" for number in range(MAX_ROOMS_FOLLOWED + 1)]
    rooms = stage.backstage("rooms", owner=ada.id, names=names)
    async with stage.window(ada) as window:
        for room in rooms[:-1]:
            await window.follow(room)
        refusal = await window.ask("subscribe", room=rooms[-1])
        assert refusal["code"] == "too_many_rooms"
        # Again the same, or another instead: both are within the limit.
        await window.follow(rooms[0])
        await window.ask("unsubscribe", room=rooms[1])
        await window.follow(rooms[-1])


async def test_500_subscriptions_end_with_4029_and_nobody_else_notices(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with stage.window(ada) as flooding, stage.window(bob) as other:
        for _ in range(500):
            await flooding.connection.send(f'{{"type":"subscribe","id":1,"room":{room}}}')
        assert await flooding.closed() == 4029
        await other.follow(room)
        await other.say(room, "What was that?", "nonce-001")


@pytest.mark.parametrize(
    ("query", "status", "count"),
    [
        ("", 200, 50),
        (f"limit={HISTORY_MAX}", 200, 100),
        (f"limit={HISTORY_MAX + 1}", 400, 0),
        ("limit=0", 400, 0),
        ("limit=-1", 400, 0),
        ("limit=1000000000", 400, 0),
        ("limit=x", 400, 0),
        ("limit=%00", 400, 0),
        ("before=-1", 400, 0),
        ("before=9007199254740991&limit=1", 200, 1),
        ("before=9007199254740992", 400, 0),
        ("after=118", 200, 2),
        ("before=1", 200, 0),
        ("after=" + "9" * 10_000, 400, 0),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_a_page_of_history_is_bounded(
    query: str, status: int, count: int, stage: Stage, long_room: tuple[Stage, object, int]
) -> None:
    _, ada, room = long_room
    async with stage.browser(ada) as browser:  # type: ignore[arg-type]
        answer = await browser.client.get(f"/api/rooms/{room}/messages/?{query}")
        assert answer.status_code == status, answer.text
        page = answer.json()
        if status == 200:
            assert len(page["messages"]) == count
        else:
            assert (page["type"], bool(page["code"]), bool(page["text"])) == ("error", True, True)


@pytest.fixture(scope="module")
def long_room(stage: Stage) -> tuple[Stage, object, int]:
    """A room with 120 messages, and somebody who may read it."""
    ada = stage.person("ada")
    room = stage.room(ada)
    stage.posts(room, ada, *(f"Number {n}." for n in range(120)))
    return stage, ada, room


async def test_history_is_for_those_who_may_read_the_room(stage: Stage) -> None:
    ada, bob, eve = stage.people("ada", "bob", "eve")
    cellar = stage.room(ada, bob, kind="private")
    stage.posts(cellar, bob, "Secret.")
    path = f"/api/rooms/{cellar}/messages/"
    async with stage.browser(bob) as his, stage.browser(eve) as hers, stage.browser() as nobody:
        assert "Secret." in (await his.client.get(path)).text
        outside = await hers.client.get(path)
        missing = await hers.client.get("/api/rooms/999999999/messages/")
        assert (outside.status_code, missing.status_code) == (404, 404)
        assert outside.json() == missing.json()
        assert (await nobody.client.get(path)).status_code == 401
