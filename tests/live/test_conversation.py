"""People talk through a real server: what each command does, and who is told."""

from __future__ import annotations

from chat.protocol import PING_EVERY_S
from tests.live.stage import Stage


async def test_the_first_frame_says_who_one_is_and_where(stage: Stage) -> None:
    ada, bob, eve = stage.people("ada", "bob", "eve")
    room = stage.room(ada, bob)
    async with stage.window(bob) as his, stage.window(eve) as hers:
        welcome = await his.welcome()
        assert welcome["me"]["name"] == bob.name
        assert [entry["facts"]["id"] for entry in welcome["rooms"]] == [room]
        assert welcome["rooms"][0]["role"] == "member"
        assert welcome["ping_every"] == PING_EVERY_S
        assert his.connection.subprotocol == "chat.v1"
        outside = await hers.welcome()
        assert outside["rooms"] == []
        assert outside["epoch"] == welcome["epoch"]


async def test_a_post_is_acknowledged_and_told_to_everyone_who_follows(stage: Stage) -> None:
    ada, bob, eve = stage.people("ada", "bob", "eve")
    room = stage.room(ada, bob)
    async with stage.window(ada) as hers, stage.window(bob) as his, stage.window(eve) as outside:
        for window in (hers, his, outside):
            # An open room can be read by anybody who is signed in.
            snapshot = (await window.follow(room))["snapshot"]
            assert snapshot["messages"] == []
        mark = await his.say(room, "Hello, 世界 😀", "nonce-001")
        for window in (hers, his, outside):
            message = await window.hear_message(room, "Hello, 世界 😀")
            assert {name: message[name] for name in mark} == mark
            assert message["author"]["id"] == bob.id
            assert message["nonce"] == "nonce-001"


async def test_edits_and_redactions_travel_like_posts(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with stage.window(ada) as hers, stage.window(bob) as his:
        await hers.follow(room)
        mark = await his.say(room, "First.", "nonce-001")
        assert (await hers.hear_message(room, "First."))["revision"] == mark["revision"]
        edited = await his.ask(
            "edit", message=mark["id"], body="Better.", if_revision=mark["revision"]
        )
        assert edited["message"]["revision"] == mark["revision"] + 1
        message = await hers.hear_message(room, "Better.")
        assert message["edited_at"] is not None
        stale = await his.ask("edit", message=mark["id"], body="No.", if_revision=mark["revision"])
        assert stale["code"] == "conflict"
        redacted = await hers.ask("redact", message=mark["id"], reason="Enough.")
        assert redacted["type"] == "ok"
        tombstone = await hers.hear_message(room, "")
        assert tombstone["redacted"]["by"] == "moderator"
        assert tombstone["revision"] == redacted["message"]["revision"]
        assert (await his.ask("edit", message=mark["id"], body="No."))["code"] == "redacted"
        # No door gives the text again: not the snapshot, nor any cursor.
        async with stage.window(bob) as again:
            epoch = (await again.welcome())["epoch"]
            for cursor in (None, *(f"{epoch}:{n}" for n in range(mark["revision"] + 1))):
                assert "First." not in str(await again.follow(room, cursor))
                assert "Better." not in str(again.heard)
        async with stage.browser(bob) as browser:
            page = await browser.client.get(f"/api/rooms/{room}/messages/")
            assert "Better." not in page.text
            assert page.json()["messages"][0]["redacted"]["by"] == "moderator"


async def test_the_outsider_reads_an_open_room_but_writes_nothing(stage: Stage) -> None:
    ada, bob, eve = stage.people("ada", "bob", "eve")
    room = stage.room(ada, bob)
    [mark] = stage.posts(room, bob, "Hello.")
    async with stage.window(eve) as window:
        await window.follow(room)
        post = await window.ask("post", room=room, nonce="nonce-001", body="Me too.")
        edit = await window.ask("edit", message=mark["id"], body="Eve was here.")
        redact = await window.ask("redact", message=mark["id"])
        assert [answer["code"] for answer in (post, edit, redact)] == [
            "not_a_member",
            "not_a_member",
            "forbidden",
        ]
        assert all(answer["text"] for answer in (post, edit, redact))


async def test_a_private_room_is_the_same_as_none_for_the_outsider(stage: Stage) -> None:
    ada, bob, eve = stage.people("ada", "bob", "eve")
    cellar = stage.room(ada, bob, kind="private")
    [mark] = stage.posts(cellar, bob, "Secret.")
    async with stage.window(eve) as window, stage.window(bob) as his:
        assert (await his.follow(cellar))["snapshot"]["messages"][0]["body"] == "Secret."
        for room, message in ((cellar, mark["id"]), (10**9, 10**9)):
            answers = [
                await window.ask("subscribe", room=room),
                await window.ask("post", room=room, nonce="nonce-001", body="Hm?"),
                await window.ask("edit", message=message, body="Hm?"),
                await window.ask("redact", message=message),
            ]
            assert {answer["code"] for answer in answers} == {"not_found"}
            assert (await window.ask("read", room=room, seq=1))["type"] == "ok"
        # And nothing of it arrives.
        await his.say(cellar, "Psst.", "nonce-002")
        await his.hear_message(cellar, "Psst.")
        assert await window.is_alive()
        assert "Psst." not in str(window.heard)
        assert not any(frame["type"] in ("unread", "changes") for frame in window.heard)


async def test_a_read_mark_reaches_the_other_device(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    stage.posts(room, ada, "One.", "Two.", "Three.")
    async with stage.window(bob) as desk, stage.window(bob) as phone, stage.window(ada) as hers:
        await phone.welcome()
        await hers.welcome()
        assert (await desk.ask("read", room=room, seq=2))["type"] == "ok"
        told = await phone.hear("read")
        assert (told["room"], told["last_read_seq"]) == (room, 2)
        assert await hers.is_alive()
        assert not any(frame["type"] == "read" for frame in hers.heard)
    async with stage.window(bob) as later:
        [entry] = (await later.welcome())["rooms"]
        assert (entry["last_seq"], entry["last_read_seq"]) == (3, 2)


async def test_a_member_who_looks_elsewhere_hears_what_is_unread(stage: Stage) -> None:
    ada, bob, eve = stage.people("ada", "bob", "eve")
    room, other = stage.room(ada, bob), stage.room(ada, bob)
    async with stage.window(bob) as his, stage.window(ada) as hers, stage.window(eve) as outside:
        await his.follow(other)
        await outside.welcome()
        await hers.say(room, "Are you there?", "nonce-001")
        unread = await his.hear("unread")
        assert (unread["room"], unread["last_seq"]) == (room, 1)
        await hers.say(other, "Here!", "nonce-002")
        await his.hear_message(other, "Here!")
        assert await outside.is_alive()
        assert [f["room"] for f in his.heard if f["type"] == "unread"] == [room]
        assert not any(frame["type"] == "unread" for frame in outside.heard)


async def test_joining_in_one_window_shows_the_room_in_the_other(stage: Stage) -> None:
    ada, eve = stage.people("ada", "eve")
    room = stage.room(ada)
    async with (
        stage.window(eve) as window,
        stage.window(ada) as hers,
        stage.browser(eve) as browser,
    ):
        await window.welcome()
        await hers.follow(room)
        assert (await browser.submit(f"/rooms/{room}/join/")).status_code == 302
        entry = (await window.hear("membership"))["entry"]
        assert (entry["facts"]["id"], entry["role"]) == (room, "member")
        # Who follows the room hears that there is one more.
        facts = (await hers.hear("changes"))["room_facts"]
        assert facts["members"] == 2
        await window.say(room, "I am in.", "nonce-001")


async def test_unsubscribing_ends_delivery_but_not_the_unread_count(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with stage.window(bob) as his, stage.window(ada) as hers:
        await his.follow(room)
        assert (await his.ask("unsubscribe", room=room))["type"] == "ok"
        assert (await his.ask("unsubscribe", room=room))["type"] == "ok"
        await hers.say(room, "Still there?", "nonce-001")
        assert (await his.hear("unread"))["room"] == room
        assert not any(frame["type"] == "changes" for frame in his.heard)


async def test_subscribing_twice_is_one_subscription(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with stage.window(bob) as his, stage.window(ada) as hers:
        await his.follow(room)
        await his.follow(room)
        await hers.say(room, "Once.", "nonce-001")
        await his.hear_message(room, "Once.")
        assert await his.is_alive()
        assert len([frame for frame in his.heard if frame["type"] == "changes"]) == 1


async def test_posts_of_one_window_keep_their_order(stage: Stage) -> None:
    ada, bob = stage.people("ada", "bob")
    room = stage.room(ada, bob)
    async with stage.window(bob) as his:
        ids = [
            await his.send("post", room=room, body=f"{n}", nonce=f"nonce-{n:03d}")
            for n in range(10)
        ]
        answers = [await his.hear(lambda f, i=i: f.get("id") == i) for i in ids]
        assert [answer["message"]["seq"] for answer in answers] == list(range(1, 11))
    assert [row["body"] for row in stage.backstage("stored", room=room)] == [
        str(n) for n in range(10)
    ]


async def test_a_sentence_comes_in_the_readers_language(stage: Stage) -> None:
    bob = stage.person("bob", language="zh-hans")
    async with stage.window(bob) as window:
        refusal = await window.ask("subscribe", room=10**9)
        assert refusal["code"] == "not_found"
        assert refusal["text"]
