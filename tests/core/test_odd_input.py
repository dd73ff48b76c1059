"""Odd bytes where nobody looks: cookies, reasons, sessions. Never a fault of ours."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from chat.accounts import middleware
from chat.actions.members import amark_read, mark_read
from chat.frames import RefusedFrameError, parse_frame
from chat.models import Membership, Room, User
from chat.socket_session import Handshake
from tests.conftest import Post
from tests.store.conftest import Rung, rung

__all__ = ["rung"]


@pytest.mark.parametrize(
    "beside",
    ['{"a":1}', "a b", "a[b]=1", "a:b=1", "a=b c", 'a="b', "ä=ö", "=", "", "expires", "$x", "a=,"],
)
def test_a_session_is_found_beside_any_other_cookie(beside: str) -> None:
    """Other programs on the same host set what they like; the page reads it all the same."""
    header = f"{beside}; {settings.SESSION_COOKIE_NAME}=abcdefgh12345678".encode()
    assert Handshake({"headers": [(b"cookie", header)]}).session_key == "abcdefgh12345678"


@pytest.mark.parametrize("reason", ["a\\u0000b", "\\u0000"])
def test_a_reason_that_cannot_be_stored_is_refused(reason: str) -> None:
    with pytest.raises(RefusedFrameError) as refused:
        parse_frame(f'{{"type":"redact","id":1,"message":2,"reason":"{reason}"}}')
    assert refused.value.refusal.code == "bad_field"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "key", ["x" * 5_000, '"\\000bcdefgh12"', "a\\b%00cdefgh", "é" * 9, " " * 9]
)
def test_a_session_key_that_is_none_is_nobody(key: str) -> None:
    client = Client()
    client.cookies.load({})
    answer = client.get("/rooms/", headers={"cookie": f"sessionid={key}"})
    assert answer.status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["django_language", "time_zone", "last_room", "theme", "messages"])
@pytest.mark.parametrize("value", ["x" * 5_000, '"\\000"', "../../etc/passwd", "é", "9" * 30, "-"])
def test_a_strange_cookie_is_no_fault(name: str, value: str, bob: User, lobby: Room) -> None:
    client = Client()
    client.force_login(bob)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {name}={value}"
    for path in ("/", "/rooms/", f"/rooms/{lobby.pk}/"):
        assert client.get(path, headers={"cookie": cookies}).status_code in (200, 302)
    assert Handshake({"headers": [(b"cookie", cookies.encode("latin-1"))]}).language


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/rooms/", "/api/rooms/1/messages/"])
def test_a_store_that_is_away_while_the_person_is_looked_up_is_busy(
    path: str, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(request: Any) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(middleware, "get_user", away)
    answer = Client().get(path)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) >= 1


@pytest.mark.django_db(transaction=True)
def test_other_windows_hear_a_read_mark_as_it_is_stored(
    bob: User, eve: User, lobby: Room, post: Post, rung: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chat.actions import members

    told: list[tuple[int, int, int]] = []
    monkeypatch.setattr(members, "tell_read", lambda *mark: told.append(mark))
    post(bob, lobby)
    post(bob, lobby)
    mark_read(actor=bob, room_id=lobby.pk, seq=10**15)
    asyncio.run(amark_read(actor=bob, room_id=lobby.pk, seq=10**15))
    assert told == [(bob.pk, lobby.pk, 2)] * 2
    assert Membership.objects.get(room=lobby, user=bob).last_read_seq == 2
