"""Losing access ends delivery within two seconds; within thirty if nobody rang the bell."""

from __future__ import annotations

import asyncio
import time

from tests.figures import Tell
from tests.live.backstage import PASSWORD
from tests.live.stage import Browser, Someone, Stage
from tests.live.window import Window

QUICKLY_S = 2.0
"""From the answer of the page that did it."""
LAYER_DOWN_S = 30.0


async def _signed_out(window: Window, since: float, within: float) -> None:
    assert await window.closed(within + 10) == 4001
    assert time.monotonic() - since < within
    assert [f["code"] for f in window.heard if f["type"] == "notice"] == ["signed_out"]


async def _sign_in(browser: Browser, person: Someone) -> Someone:
    """Sign in by the form, as people do; return them with the new session."""
    answer = await browser.submit(
        "/accounts/login/", "/accounts/login/", login=person.name, password=PASSWORD
    )
    assert answer.status_code == 302, answer.text
    return Someone(person.id, person.name, browser.client.cookies["sessionid"])


async def test_signing_in_by_the_form_opens_a_socket_and_signing_out_closes_it(
    stage: Stage,
) -> None:
    ada, bob = stage.person("ada"), stage.person("bob", password=True)
    room = stage.room(ada, bob)
    async with stage.browser() as browser:
        here = await _sign_in(browser, bob)
        async with (
            stage.window(here) as window,
            stage.window(bob) as elsewhere,
            stage.window(ada) as hers,
        ):
            await window.follow(room)
            await elsewhere.follow(room)
            assert (await browser.submit("/accounts/logout/")).status_code == 302
            since = time.monotonic()
            await _signed_out(window, since, QUICKLY_S)
            await hers.say(room, "Is he gone?", "nonce-001")
            # Another device of his has a session of its own.
            await elsewhere.hear_message(room, "Is he gone?")
            assert "Is he gone?" not in str(window.heard)


async def test_a_new_password_closes_the_sockets_of_every_other_session(stage: Stage) -> None:
    bob = stage.person("bob", password=True)
    async with stage.browser() as browser:
        here = await _sign_in(browser, bob)
        async with stage.window(here) as window, stage.window(bob) as elsewhere:
            await window.welcome()
            await elsewhere.welcome()
            answer = await browser.submit(
                "/accounts/password/change/",
                "/accounts/password/change/",
                oldpassword=PASSWORD,
                password1="four and twenty blackbirds",
                password2="four and twenty blackbirds",
            )
            since = time.monotonic()
            assert answer.status_code == 302, answer.text
            await _signed_out(elsewhere, since, QUICKLY_S)


async def test_signing_out_everywhere_closes_every_socket(stage: Stage) -> None:
    bob = stage.person("bob")
    async with (
        stage.window(bob) as one,
        stage.window(bob) as other,
        stage.browser(bob) as browser,
    ):
        await one.welcome()
        await other.welcome()
        await browser.submit("/profile/sign-out-everywhere/")
        since = time.monotonic()
        await _signed_out(one, since, QUICKLY_S)
        await _signed_out(other, since, QUICKLY_S)


async def test_being_removed_from_a_private_room_ends_delivery(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    cellar = stage.room(ada, bob, kind="private")
    async with (
        stage.window(bob) as his,
        stage.window(ada) as hers,
        stage.browser(ada) as browser,
    ):
        epoch = (await his.welcome())["epoch"]
        await his.follow(cellar)
        answer = await browser.submit(f"/rooms/{cellar}/people/{bob.id}/remove/")
        since = time.monotonic()
        assert answer.status_code == 302, answer.text
        gone = await his.hear("gone")
        assert time.monotonic() - since < QUICKLY_S
        assert (gone["room"], bool(gone["text"])) == (cellar, True)
        await hers.say(cellar, "Now we can talk.", "nonce-001")
        assert (await his.ask("subscribe", room=cellar, cursor=f"{epoch}:1"))["code"] == "not_found"
        assert (await his.ask("post", room=cellar, nonce="nonce-002", body="?"))[
            "code"
        ] == "not_found"
        assert "Now we can talk." not in str(his.heard)
        assert not any(f["type"] == "unread" for f in his.heard)


async def test_leaving_a_room_in_one_window_takes_it_out_of_the_other(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with stage.window(bob) as his, stage.browser(bob) as browser:
        await his.follow(room)
        await browser.submit(f"/rooms/{room}/leave/")
        assert (await his.hear("gone"))["room"] == room
        # It is open: he may still read it, as an outsider does.
        await his.follow(room)


async def test_a_switched_off_account_is_found_out_though_nobody_rang(
    stage: Stage, tell: Tell
) -> None:
    """What another process does is not heard on the in-process layer: as if it were down."""
    ada, mallory, bob = stage.people("ada", "mallory", "bob")
    room, cellar = stage.room(ada, mallory), stage.room(ada, bob, kind="private")
    async with stage.window(mallory) as his, stage.window(ada) as hers, stage.window(bob) as bobs:
        await his.follow(room)
        await hers.follow(room)
        await bobs.follow(cellar)
        since = time.monotonic()
        await asyncio.to_thread(stage.backstage, "deactivate", user=mallory.id)
        await asyncio.to_thread(stage.backstage, "remove", room=cellar, user=bob.id)
        stage.posts(room, ada, "Said behind the stage.")
        # Writing is judged under the lock: it ends at once.
        refusal = await his.ask("post", room=room, nonce="nonce-001", body="Hm?")
        assert refusal["code"] == "sign_in"
        # The heads in the database bring what no announcement told.
        await hers.hear_or_know(room, "Said behind the stage.")
        healed = time.monotonic() - since
        assert (await bobs.hear("gone", LAYER_DOWN_S))["room"] == cellar
        await _signed_out(his, since, LAYER_DOWN_S)
        tell(f"healed after {healed:.1f} s, out after {time.monotonic() - since:.1f} s")
        assert healed < 10


async def test_switched_off_in_the_admin_is_out_at_once(stage: Stage) -> None:
    mallory, owner = (
        stage.person("mallory"),
        stage.person("owner", is_staff=True, is_superuser=True),
    )
    people = "/admin/chat/user/"
    async with stage.window(mallory) as his, stage.browser(owner) as browser:
        await his.welcome()
        answer = await browser.submit(
            people, people, action="deactivate", _selected_action=str(mallory.id), reason="Spam."
        )
        since = time.monotonic()
        assert answer.status_code == 302, answer.text
        await _signed_out(his, since, QUICKLY_S)
        async with stage.window(mallory) as again:
            assert await again.closed() == 4001
