"""What moderators do holds in open windows: by the bell at once, and without it by the watch."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from chat import site_watch
from chat.actions import held_posts, members, redaction, reports, room_switches, sanctions
from chat.actions.addresses import ban_address
from chat.actions.site_level import set_level
from chat.hub import Hub, get_hub
from chat.models import HeldPost, ReportCase, Room, Sanction, User
from chat.recheck import recheck
from chat.standing import store_now
from tests.conftest import Post, let_in, make_moderator, new_nonce
from tests.core.test_nobody_stays_deaf import OpenLayer, aside, hub
from tests.faults.asgi_window import AsgiWindow, sign_in
from tests.faults.conftest import use_layer
from tests.faults.lossy_layer import HeldLayer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("hub_ends", "layer_back"),
]
HOUR = timedelta(hours=1)


@pytest.fixture(params=["bell", "no bell"])
def layer(request: pytest.FixtureRequest) -> str:
    """A channel layer that works, and one that loses everything."""
    use_layer(OpenLayer() if request.param == "bell" else HeldLayer())
    kind: str = request.param
    return kind


async def look(layer: str, *people: User) -> None:
    """Do what the watches do every ten seconds, where no bell is heard."""
    if layer == "no bell":
        await recheck(hub(), [person.pk for person in people])
        await hub().site.look()


async def open_window(user: User, *rooms: Room) -> AsgiWindow:
    window = AsgiWindow(await aside(sign_in, user))
    await window.hear("welcome")
    for room in rooms:
        window.send("subscribe", room=room.pk)
        await window.hear("subscribed", room=room.pk)
    return window


async def closed(window: AsgiWindow) -> int:
    async with asyncio.timeout(10):
        while window.close_code is None:
            await asyncio.sleep(0.001)
    return window.close_code


async def test_a_ban_from_a_room_ends_it_in_every_window_with_the_reason_and_the_term(
    layer: str, ada: User, bob: User, lobby: Room, cellar: Room, post: Post
) -> None:
    windows = [await open_window(bob, lobby, cellar), await open_window(bob)]
    await aside(
        lambda: sanctions.ban(
            actor=ada, user_id=bob.pk, room_id=cellar.pk, term=HOUR, reason="Enough", note="Secret"
        )
    )
    await look(layer, bob)
    for window in windows:
        gone = await window.hear("gone", room=cellar.pk)
        assert (gone["cause"], gone["reason"]) == ("banned", "Enough")
        assert gone["until"] is not None
        assert "Secret" not in str(gone)
    await aside(post, ada, cellar, "Not for bob.")
    await aside(post, ada, lobby, "For bob.")
    await windows[0].hear("changes", room=lobby.pk)
    assert not [frame for frame in windows[0].take() if frame.get("room") == cellar.pk]
    command = windows[0].send("subscribe", room=cellar.pk)
    refused = await windows[0].hear("error", id=command)
    assert refused["code"] == "banned"
    for window in windows:
        await window.leave()


async def test_a_ban_from_a_room_that_is_only_read_ends_its_feed(
    layer: str, ada: User, eve: User, lobby: Room, post: Post
) -> None:
    window = await open_window(eve, lobby)
    await aside(lambda: sanctions.ban(actor=ada, user_id=eve.pk, room_id=lobby.pk))
    await look(layer, eve)
    assert (await window.hear("gone", room=lobby.pk))["cause"] == "banned"
    assert not any(feed for fanout in hub().fanouts.values() for feed in fanout.feeds)
    await window.leave()


async def test_a_ban_that_is_over_brings_the_room_back_by_itself(
    ada: User, bob: User, cellar: Room
) -> None:
    use_layer(HeldLayer())
    window = await open_window(bob)
    ban = await aside(
        lambda: sanctions.ban(actor=ada, user_id=bob.pk, room_id=cellar.pk, term=HOUR)
    )
    await recheck(hub(), [bob.pk])
    await window.hear("gone", room=cellar.pk)
    now = await aside(store_now)
    await aside(Sanction.log.filter(pk=ban.pk).update, expires_at=now - timedelta(seconds=2))
    await recheck(hub(), [bob.pk])
    entry = (await window.hear("membership"))["entry"]
    assert (entry["facts"]["id"], entry["role"]) == (cellar.pk, "member")
    await window.leave()


async def test_a_ban_from_the_site_closes_every_socket_and_lets_none_open(
    layer: str, bob: User, max_: User, lobby: Room
) -> None:
    session = await aside(sign_in, bob)
    windows = [await open_window(bob, lobby), await open_window(bob)]
    await aside(lambda: sanctions.ban(actor=max_, user_id=bob.pk, term=HOUR, reason="Enough"))
    await look(layer, bob)
    for window in windows:
        notice = await window.hear("notice", code="banned")
        assert notice["reason"] == "Enough"
        assert await closed(window) == 4003
    again = AsgiWindow(session)
    assert "Enough" in (await again.hear("notice", code="banned"))["text"]
    assert await closed(again) == 4003


async def test_who_is_not_signed_in_is_told_so_and_not_of_a_ban(bob: User) -> None:
    use_layer(OpenLayer())
    window = AsgiWindow("no such session")
    assert await closed(window) == 4001
    assert window.take() == []


async def test_a_kick_ends_the_room_now_and_returning_is_possible(
    layer: str, ada: User, bob: User, lobby: Room
) -> None:
    window = await open_window(bob, lobby)
    await aside(
        lambda: sanctions.kick(actor=ada, user_id=bob.pk, room_id=lobby.pk, reason="Cool down")
    )
    await look(layer, bob)
    gone = await window.hear("gone", room=lobby.pk)
    assert (gone["cause"], gone["reason"]) == ("kicked", "Cool down")
    await aside(lambda: members.join_room(actor=bob, room_id=lobby.pk))
    window.send("subscribe", room=lobby.pk)
    await window.hear("subscribed", room=lobby.pk)
    for _ in range(2):
        await recheck(hub(), [bob.pk])
    assert not [frame for frame in window.take() if frame["type"] == "gone"]
    await window.leave()


async def test_a_kick_from_the_site_is_told_to_those_windows_that_it_ended_alone(
    layer: str, bob: User, max_: User, lobby: Room
) -> None:
    window = await open_window(bob, lobby)
    await aside(lambda: sanctions.kick(actor=max_, user_id=bob.pk, reason="Cool down"))
    await look(layer, bob)
    assert (await window.hear("notice"))["code"] == "kicked"
    assert await closed(window) == 4001
    # They come back, and sign out by themselves a moment later.
    user = await User.objects.aget(pk=bob.pk)
    window = await open_window(user, lobby)
    await aside(User.objects.filter(pk=bob.pk).update, session_generation=99)
    await recheck(hub(), [bob.pk])
    assert (await window.hear("notice"))["code"] == "signed_out"


async def test_a_mute_is_told_and_its_end_too(
    layer: str, ada: User, bob: User, lobby: Room
) -> None:
    window = await open_window(bob, lobby)
    mute = await aside(
        lambda: sanctions.mute(
            actor=ada, user_id=bob.pk, room_id=lobby.pk, term=HOUR, reason="Loud"
        )
    )
    await look(layer, bob)
    muted = (await window.hear("membership"))["entry"]["muted"]
    assert muted["reason"] == "Loud"
    assert muted["until"] is not None
    command = window.send("post", room=lobby.pk, nonce=new_nonce(), body="Hello.")
    assert (await window.hear("error", id=command))["code"] == "muted"
    await aside(lambda: sanctions.lift(actor=ada, sanction_id=mute.pk))
    await look(layer, bob)
    assert (await window.hear("membership"))["entry"]["muted"] is None
    command = window.send("post", room=lobby.pk, nonce=new_nonce(), body="Hello.")
    await window.hear("ok", id=command)
    await window.leave()


async def test_a_mute_on_the_site_is_told_for_every_room(
    layer: str, bob: User, max_: User, lobby: Room, cellar: Room
) -> None:
    window = await open_window(bob)
    await aside(lambda: sanctions.mute(actor=max_, user_id=bob.pk))
    await look(layer, bob)
    told = {(await window.hear("membership"))["entry"]["facts"]["id"] for _ in range(2)}
    assert told == {lobby.pk, cellar.pk}
    await window.leave()


async def test_who_comes_while_muted_is_told_with_the_first_frame_and_not_again(
    ada: User, bob: User, lobby: Room
) -> None:
    use_layer(OpenLayer())
    await aside(lambda: sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk))
    window = AsgiWindow(await aside(sign_in, bob))
    welcome = await window.hear("welcome")
    [entry] = [entry for entry in welcome["rooms"] if entry["facts"]["id"] == lobby.pk]
    assert entry["muted"] == {"until": None, "reason": ""}
    await recheck(hub(), [bob.pk])
    assert window.take() == []
    await window.leave()


async def test_switches_of_a_room_and_the_level_of_the_site_are_told(
    layer: str, ada: User, bob: User, max_: User, lobby: Room
) -> None:
    window = await open_window(bob, lobby)
    await aside(
        lambda: room_switches.set_room(
            actor=ada, room_id=lobby.pk, slow_mode=30, posting="members", approve_first="guests"
        )
    )
    await aside(lambda: set_level(actor=max_, level="members"))
    if layer == "no bell":
        await hub().watches.look_at_heads()
    await look(layer, bob)
    facts: dict[str, Any] = {}
    while facts.get("approve_first") != "guests":
        facts = (await window.hear("changes", room=lobby.pk))["room_facts"]
    assert (facts["slow_mode"], facts["posting"]) == (30, "members")
    assert (await window.hear("site"))["level"] == "members"
    await window.leave()


async def test_a_banned_address_is_out_of_every_window_but_those_of_staff(
    layer: str, bob: User, max_: User, lobby: Room
) -> None:
    window, staff = await open_window(bob, lobby), await open_window(max_, lobby)
    for connection in hub().connections:
        connection.address = "2606:2800:220:1::"
    await aside(lambda: ban_address(actor=max_, network="2606:2800:220:1::/64"))
    await look(layer)
    await window.hear("notice", code="banned")
    assert await closed(window) == 4003
    assert staff.is_open
    await staff.leave()


# --- Held posts --------------------------------------------------------------------------------


@pytest.fixture
def strict(ada: User, lobby: Room) -> Room:
    room_switches.set_approve_first(actor=ada, room_id=lobby.pk, approve_first="everyone")
    return lobby


async def wait_in(window: AsgiWindow, room: Room, body: str = "Hello.") -> int:
    """Post by a socket where it waits; return the id of the held post."""
    command = window.send("post", room=room.pk, nonce=new_nonce(), body=body)
    held_id: int = (await window.hear("ok", id=command))["held"]["id"]
    return held_id


async def test_what_waits_is_shown_to_its_author_and_the_moderators_and_to_nobody_else(
    layer: str, ada: User, bob: User, eve: User, carol: User, strict: Room
) -> None:
    await aside(let_in, strict, eve)
    windows = {person: await open_window(person, strict) for person in (ada, bob, eve, carol)}
    held_id = await wait_in(windows[bob], strict)
    await look(layer)
    for person in (ada, bob, carol):
        frame = await windows[person].hear("held", room=strict.pk)
        assert ([post["id"] for post in frame["posts"]], frame["waiting"]) == ([held_id], 1)
    command = windows[carol].send("approve", held=held_id)
    await windows[carol].hear("ok", id=command)
    if layer == "no bell":
        await hub().watches.look_at_heads()
    await look(layer)
    for person in (ada, bob, carol):
        assert (await windows[person].hear("held"))["posts"] == []
    for window in windows.values():
        [message] = (await window.hear("changes", room=strict.pk))["messages"]
        assert message["body"] == "Hello."
    assert not [frame for frame in windows[eve].take() if frame["type"] == "held"]
    for window in windows.values():
        await window.leave()


async def test_its_author_reads_why_it_was_rejected_until_they_have_heard_it(
    layer: str, ada: User, bob: User, strict: Room
) -> None:
    window = await open_window(bob, strict)
    held_id = await wait_in(window, strict)
    await look(layer)
    await window.hear("held")
    await aside(lambda: held_posts.reject_post(actor=ada, held_id=held_id, reason="No ads"))
    await look(layer)
    frame = await window.hear("held")
    assert [(p["status"], p["reason"]) for p in frame["posts"]] == [("rejected", "No ads")]
    assert frame["waiting"] == 0
    again = await open_window(bob, strict)
    assert (await again.hear("held"))["posts"] == frame["posts"]
    command = window.send("heard", held=held_id)
    await window.hear("ok", id=command)
    await look(layer)
    assert (await window.hear("held"))["posts"] == []
    for each in (window, again):
        await each.leave()


async def test_who_becomes_a_moderator_sees_the_queue_and_who_is_none_any_more_does_not(
    layer: str, ada: User, bob: User, eve: User, strict: Room
) -> None:
    await aside(let_in, strict, eve)
    author, window = await open_window(bob, strict), await open_window(eve, strict)
    await wait_in(author, strict)
    await look(layer)
    await author.hear("held")
    for role, waiting in (("moderator", 1), ("member", 0)):
        await aside(
            lambda role=role: members.set_role(
                actor=ada, room_id=strict.pk, user_id=eve.pk, role=role
            )
        )
        await look(layer, eve)
        assert (await window.hear("held"))["waiting"] == waiting
    for each in (author, window):
        await each.leave()


async def test_the_bell_of_one_room_does_not_hide_what_another_room_s_bell_was_lost_for(
    ada: User, bob: User, strict: Room, cellar: Room
) -> None:
    use_layer(HeldLayer())
    await aside(
        lambda: room_switches.set_approve_first(
            actor=ada, room_id=cellar.pk, approve_first="everyone"
        )
    )
    moderator, author = await open_window(ada, strict, cellar), await open_window(bob)
    await wait_in(author, strict)
    await wait_in(author, cellar)
    await hub().site.held(strict.pk)
    await moderator.hear("held", room=strict.pk)
    await hub().site.look()
    await moderator.hear("held", room=cellar.pk)
    for each in (moderator, author):
        await each.leave()


async def test_a_queue_that_could_not_be_told_is_told_by_the_next_look(
    ada: User, bob: User, strict: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_layer(HeldLayer())
    moderator, author = await open_window(ada, strict), await open_window(bob)
    await wait_in(author, strict)
    real = site_watch.tell_queue

    async def fails(_hub: Hub, _room_id: int) -> None:
        raise RuntimeError

    monkeypatch.setattr(site_watch, "tell_queue", fails)
    with pytest.raises(RuntimeError):
        await hub().site.look()
    monkeypatch.setattr(site_watch, "tell_queue", real)
    await hub().site.look()
    assert (await moderator.hear("held"))["waiting"] == 1
    for each in (moderator, author):
        await each.leave()


async def test_many_bells_of_a_raid_are_answered_by_few_readings(
    ada: User, bob: User, strict: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_layer(HeldLayer())
    window = await open_window(ada, strict)
    about = {"room": strict, "author": bob, "nonce_digest": bytes(32), "cause": "room"}
    await aside(
        lambda: HeldPost.log.bulk_create(
            HeldPost(**about, nonce=new_nonce(), body=f"{n}") for n in range(150)
        )
    )
    real, readings = site_watch.tell_queue, []

    async def counted(its_hub: Hub, room_id: int) -> None:
        readings.append(room_id)
        await real(its_hub, room_id)

    monkeypatch.setattr(site_watch, "tell_queue", counted)
    await asyncio.gather(*(hub().site.held(strict.pk) for _ in range(150)))
    frame = await window.hear("held")
    assert (len(frame["posts"]), frame["waiting"]) == (100, 150)
    assert len(readings) <= 2
    await window.leave()


# --- Reports, redaction, starting --------------------------------------------------------------


async def test_the_reporter_hears_what_became_of_it(
    layer: str, ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    message = await aside(post, bob, lobby, "Rude")
    window = await open_window(eve, lobby)
    command = window.send("report", message=message.pk, reason="Rude!")
    await window.hear("ok", id=command)
    case = await ReportCase.objects.aget()
    await aside(lambda: reports.decide_case(actor=ada, case_id=case.pk, outcome="redacted"))
    await look(layer, eve)
    outcome = (await window.hear("outcome"))["outcome"]
    assert (outcome["message"], outcome["outcome"]) == (message.pk, "redacted")
    # Once each window, however often the watch looks; and again in a new one, until heard.
    await hub().site.look()
    await window.hear("ok", id=window.send("ping"))
    assert "outcome" not in [frame["type"] for frame in window.take()]
    later = AsgiWindow(await aside(sign_in, eve))
    assert (await later.hear("welcome"))["outcomes"] == [outcome]
    await hub().site.look()
    await later.hear("ok", id=later.send("heard", report=outcome["report"]))
    assert "outcome" not in [frame["type"] for frame in later.take()]
    await window.leave()
    await later.leave()


async def test_what_is_restored_comes_back_to_all_windows(
    layer: str, ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    message = await aside(post, bob, lobby, "The text")
    windows = [await open_window(person, lobby) for person in (bob, eve)]
    for act, body in (
        (redaction.redact_messages, ""),
        (redaction.restore_messages, "The text"),
    ):
        await aside(lambda act=act: act(actor=ada, message_ids=[message.pk]))
        if layer == "no bell":
            await hub().watches.look_at_heads()
        for window in windows:
            [changed] = (await window.hear("changes", room=lobby.pk))["messages"]
            assert (changed["id"], changed["body"]) == (message.pk, body)
    for window in windows:
        await window.leave()


async def test_new_cases_are_told_by_a_process_that_only_looks(
    bob: User, eve: User, lobby: Room, post: Post
) -> None:
    use_layer(HeldLayer())
    message = await aside(post, bob, lobby, "Rude")
    await aside(lambda: reports.report_message(actor=eve, message_id=message.pk, reason="Rude!"))
    mia = await aside(make_moderator, "mia")
    await (await get_hub()).site.look()
    welcome = await AsgiWindow(await aside(sign_in, mia)).hear("welcome")
    assert [entry["facts"]["name"] for entry in welcome["rooms"]] == ["Moderators"]
    assert welcome["rooms"][0]["last_seq"] == 1


async def test_a_hub_whose_start_failed_listens_once_when_it_starts_again(
    bob: User, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_layer(OpenLayer())
    real = site_watch._read

    def fails() -> Any:
        raise RuntimeError

    monkeypatch.setattr(site_watch, "_read", fails)
    with pytest.raises(RuntimeError):
        await get_hub()
    assert len(hub()._tasks) == 0
    monkeypatch.setattr(site_watch, "_read", real)
    window = await open_window(bob, lobby)
    await window.leave()
