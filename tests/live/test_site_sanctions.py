"""Who is put out of the whole site is out of every process, and comes in by no door.

The action is done in a process beside the servers: with Redis between them it bites within
two seconds, on uvicorn and on daphne; with nobody to ring the bell, by the re-check.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from tests.figures import Tell
from tests.live.backstage import PASSWORD
from tests.live.stage import Browser, Someone, Stage
from tests.live.window import Frame, Window

Both = tuple[Stage, Stage]
QUICKLY_S = 2.0
LAYER_DOWN_S = 30.0
EXPIRES_WITHIN_S = 12.0
"""After its end: grants are read again every ten seconds."""
BANNED_ADDRESS = "81.2.69.160"
OTHER_ADDRESS = "81.2.70.7"


def _owner(stage: Stage) -> Someone:
    return stage.person("olga", is_staff=True, is_superuser=True)


async def _act(stage: Stage, action: str, person: Someone, **arguments: Any) -> tuple[Any, float]:
    """Act behind the servers; return what was made, and since when it is so."""
    made = await asyncio.to_thread(
        stage.backstage, "act", action=action, person=person.id, **arguments
    )
    return made, time.monotonic()


def _from(person: Someone, address: str) -> dict[str, Any]:
    """Headers with which the proxy passes somebody's request on."""
    return {"Cookie": f"sessionid={person.session}", "X-Forwarded-For": address}


@asynccontextmanager
async def _windows(
    both: Both, person: Someone, address: str = OTHER_ADDRESS
) -> AsyncIterator[list[Window]]:
    """A window of somebody in each process, from an address."""
    async with AsyncExitStack() as opened:
        headers = _from(person, address)
        windows = [
            await opened.enter_async_context(stage.window(person, additional_headers=headers))
            for stage in both
        ]
        for window in windows:
            await window.welcome()
        yield windows


@asynccontextmanager
async def _browser(stage: Stage, person: Someone | None, address: str) -> AsyncIterator[Browser]:
    async with stage.browser(person) as browser:
        browser.client.headers["X-Forwarded-For"] = address
        yield browser


async def _out(window: Window, code: int, notice: str) -> Frame:
    """Wait until a window is closed with ``code``; return the notice before it."""
    assert await window.closed() == code
    [told] = [frame for frame in window.heard if frame["type"] == "notice"]
    assert told["code"] == notice
    return told


async def _no_door_of_the_site(stage: Stage, person: Someone, room: int, reason: str) -> None:
    """By socket, page, API, joining, profile; and by signing in anew."""
    async with stage.window(person) as again:
        assert reason in (await _out(again, 4003, "banned"))["text"]
        assert not any(frame["type"] == "welcome" for frame in again.heard)
    async with _browser(stage, person, OTHER_ADDRESS) as browser:
        for path in ("/", f"/rooms/{room}/", f"/api/rooms/{room}/messages/", "/profile/"):
            answer = await browser.client.get(path)
            assert (answer.status_code, reason in answer.text) == (403, True), path
    async with _browser(stage, None, OTHER_ADDRESS) as browser:
        await browser.submit(
            "/accounts/login/", "/accounts/login/", login=person.name, password=PASSWORD
        )
        answer = await browser.client.get(f"/rooms/{room}/", follow_redirects=True)
        assert answer.status_code == 403 or answer.url.path == "/accounts/login/"
        if session := browser.client.cookies.get("sessionid"):
            async with stage.window(Someone(person.id, person.name, session)) as window:
                await window.closed()
                assert not any(frame["type"] == "welcome" for frame in window.heard)


async def test_a_ban_from_the_site_bites_in_every_process_and_ends_by_itself(
    both: Both, tell: Tell
) -> None:
    uvicorn, _daphne = both
    olga, ada = _owner(uvicorn), uvicorn.person("ada")
    mallory = uvicorn.person("mallory", password=True)
    room = uvicorn.room(ada, mallory)
    async with _windows(both, mallory) as his, _windows(both, ada) as hers:
        for window in (*his, *hers):
            await window.follow(room)
        _, since = await _act(
            uvicorn, "sanctions.ban", olga, user_id=mallory.id, seconds=12, reason="Spam.",
            note="Came with three names.",
        )  # fmt: skip
        took = []
        for window in his:
            told = await _out(window, 4003, "banned")
            took.append(time.monotonic() - since)
            assert (told["reason"], bool(told["until"])) == ("Spam.", True)
            assert "Came with three names." not in str(window.heard)
        assert max(took) < QUICKLY_S
        for stage in both:
            await _no_door_of_the_site(stage, mallory, room, "Spam.")
        await hers[0].say(room, "Quiet again.", "nonce-001")
        await hers[1].hear_message(room, "Quiet again.", within=2)
        assert not any(f["type"] in ("gone", "notice") for window in hers for f in window.heard)
    # Over by the clock of the store, which on SQLite tells whole seconds; nobody had to lift it.
    await asyncio.sleep(max(0.0, since + 13.5 - time.monotonic()))
    async with _windows(both, mallory) as his:
        await his[0].follow(room)
        await his[0].say(room, "I will be good.", "nonce-002")
    tell(f"out {took[0] * 1000:.0f} ms (uvicorn), {took[1] * 1000:.0f} ms (daphne)")


async def test_who_is_kicked_from_the_site_is_signed_out_and_may_sign_in_again(
    both: Both, tell: Tell
) -> None:
    olga, bob = _owner(both[0]), both[0].person("bob", password=True)
    async with _windows(both, bob) as his:
        _, since = await _act(
            both[0], "sanctions.kick", olga, user_id=bob.id, reason="Sleep over it."
        )
        took = []
        for window in his:
            told = await _out(window, 4001, "kicked")
            took.append(time.monotonic() - since)
            assert told["reason"] == "Sleep over it."
        assert max(took) < QUICKLY_S
    for stage in both:
        async with stage.window(bob) as again:
            assert await again.closed() == 4001
        async with _browser(stage, None, OTHER_ADDRESS) as browser:
            answer = await browser.submit(
                "/accounts/login/", "/accounts/login/", login=bob.name, password=PASSWORD
            )
            assert answer.status_code == 302, answer.text
            session = browser.client.cookies["sessionid"]
        async with stage.window(Someone(bob.id, bob.name, session)) as again:
            await again.welcome()
    tell(f"out {took[0] * 1000:.0f} ms (uvicorn), {took[1] * 1000:.0f} ms (daphne)")


async def test_a_banned_address_has_no_door_but_for_the_staff(both: Both, tell: Tell) -> None:
    uvicorn, _daphne = both
    olga, mallory, bob = _owner(uvicorn), *uvicorn.people("mallory", "bob")
    room = uvicorn.room(bob, mallory)
    async with (
        _windows(both, mallory, BANNED_ADDRESS) as his,
        _windows(both, olga, BANNED_ADDRESS) as staffs,
        _windows(both, bob) as others,
    ):
        ban, since = await _act(
            uvicorn, "addresses.ban_address", olga, network="81.2.69.0/24", reason="A raid."
        )
        took = []
        for window in his:
            await _out(window, 4003, "banned")
            took.append(time.monotonic() - since)
        assert max(took) < QUICKLY_S
        for window in (*staffs, *others):
            assert await window.is_alive()
    for stage in both:
        headers = _from(mallory, BANNED_ADDRESS)
        async with stage.window(mallory, additional_headers=headers) as again:
            await _out(again, 4003, "banned")
        for person in (mallory, None):
            async with _browser(stage, person, BANNED_ADDRESS) as browser:
                for path in ("/", f"/rooms/{room}/", "/accounts/signup/", "/profile/"):
                    assert (await browser.client.get(path)).status_code == 403, path
                signed_up = await browser.submit(
                    "/accounts/signup/", "/accounts/login/", username="Mallory again",
                    password1=PASSWORD, password2=PASSWORD,
                )  # fmt: skip
                assert signed_up.status_code == 403
        # The account itself is not banned.
        async with _windows(both, mallory, OTHER_ADDRESS) as elsewhere:
            assert await elsewhere[0].is_alive()
        # What one writes into the header oneself stands to the left of what the proxy saw.
        async with _browser(stage, mallory, f"{OTHER_ADDRESS}, {BANNED_ADDRESS}") as browser:
            assert (await browser.client.get("/profile/")).status_code == 403
    await _act(uvicorn, "addresses.lift_address_ban", olga, ban_id=ban)
    await asyncio.sleep(0.5)
    async with _windows(both, mallory, BANNED_ADDRESS) as his:
        assert await his[1].is_alive()
    tell(f"out {took[0] * 1000:.0f} ms (uvicorn), {took[1] * 1000:.0f} ms (daphne)")


async def test_a_sanction_in_one_process_bites_in_the_other(both: Both, tell: Tell) -> None:
    """A moderator on one server, the person on the other, in both directions."""
    ada, bob = both[0].people("ada", "bob")
    for here, there in (both, both[::-1]):
        room = both[0].room(ada, bob)
        async with here.window(ada) as hers, there.window(bob) as his:
            await hers.follow(room)
            await his.follow(room)
            for kind, frame in (("mute", "membership"), ("ban", "gone")):
                answer = await hers.ask(kind, room=room, user=bob.id, minutes=1, reason="Spam.")
                assert answer["type"] == "ok", answer
                since = time.monotonic()
                await his.hear(frame)
                took = time.monotonic() - since
                assert took < QUICKLY_S
            refusal = await his.ask("post", room=room, nonce="nonce-001", body="Hm?")
            assert refusal["code"] == "banned"
            tell(f"{here.server} to {there.server}: out after {took * 1000:.0f} ms")


async def test_a_ban_and_a_mute_of_a_room_end_by_themselves_in_an_open_window(
    both: Both, tell: Tell
) -> None:
    ada, bob, carl = both[0].people("ada", "bob", "carl")
    cellar = both[0].room(ada, bob, carl, kind="private")
    async with _windows(both, bob) as his, _windows(both, carl) as carls:
        for window in (*his, *carls):
            await window.follow(cellar)
        about = {"room_id": cellar, "seconds": 3, "reason": "Calm down."}
        _, since = await _act(both[0], "sanctions.ban", ada, user_id=bob.id, **about)
        await _act(both[0], "sanctions.mute", ada, user_id=carl.id, **about)
        for window in his:
            assert (await window.hear("gone", QUICKLY_S + 1))["until"]
        for window in carls:
            assert (await window.hear("membership", QUICKLY_S + 1))["entry"]["muted"]
        for window in his:
            back = await window.hear("membership", 3 + EXPIRES_WITHIN_S)
            assert back["entry"]["facts"]["id"] == cellar
        for window in carls:
            back = await window.hear("membership", 3 + EXPIRES_WITHIN_S)
            assert back["entry"]["muted"] is None
        over = time.monotonic() - since - 3
        assert over < EXPIRES_WITHIN_S
        await his[0].follow(cellar)
        await his[0].say(cellar, "Sorry.", "nonce-001")
        await carls[1].say(cellar, "Me too.", "nonce-001")
        tell(f"back in every window {over:.1f} s after the end")


async def test_a_sanction_bites_though_nobody_rang(stage: Stage, tell: Tell) -> None:
    """What another process does is not heard on the in-process layer: as if it were dead."""
    olga, ada, bob, carl, mallory, max_ = (
        _owner(stage),
        *stage.people("ada", "bob", "carl", "mallory", "max"),
    )
    cellar = stage.room(ada, bob, carl, mallory, max_, kind="private")
    async with AsyncExitStack() as opened:
        bobs, carls, his, kicked, hers = [
            await opened.enter_async_context(stage.window(person))
            for person in (bob, carl, mallory, max_, ada)
        ]
        for window in (bobs, carls, his, kicked, hers):
            await window.follow(cellar)
        room, why = {"room_id": cellar}, {"reason": "Spam."}
        _, since = await _act(stage, "sanctions.ban", ada, user_id=bob.id, **room, **why)
        await _act(stage, "sanctions.mute", ada, user_id=carl.id, **room, **why)
        await _act(stage, "sanctions.ban", olga, user_id=mallory.id, **why)
        await _act(stage, "sanctions.kick", olga, user_id=max_.id, **why)
        # What is judged under the lock needs no bell.
        for window, code in ((bobs, "banned"), (carls, "muted"), (his, "banned")):
            refusal = await window.ask("post", room=cellar, nonce="nonce-001", body="Hm?")
            assert refusal["code"] in (code, "sign_in"), refusal
        gone = await bobs.hear("gone", LAYER_DOWN_S)
        assert (gone["cause"], gone["reason"]) == ("banned", "Spam.")
        took = {"banned from the room": time.monotonic() - since}
        assert (await carls.hear("membership", LAYER_DOWN_S))["entry"]["muted"]["reason"] == "Spam."
        took["muted"] = time.monotonic() - since
        assert (await _out(his, 4003, "banned"))["reason"] == "Spam."
        took["banned from the site"] = time.monotonic() - since
        assert (await _out(kicked, 4001, "kicked"))["reason"] == "Spam."
        took["kicked from the site"] = time.monotonic() - since
        assert max(took.values()) < LAYER_DOWN_S
        assert await hers.is_alive()
        tell(", ".join(f"{what} by {s:.1f} s" for what, s in took.items()))
