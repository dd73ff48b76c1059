"""Who owns a room says for how long it keeps what is said, having read how much goes."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chat.models import AuditEntry, Message, Room, User
from tests.conftest import fresh
from tests.retention.conftest import Said

pytestmark = pytest.mark.django_db


def in_browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_owner_is_told_how_many_messages_go_before_anything_is_changed(
    ada: User, lobby: Room, said: Said
) -> None:
    said(lobby, 3, days_ago=31)
    said(lobby, 1, days_ago=1)
    browser, address = in_browser(ada), f"/rooms/{lobby.pk}/keeping/"
    page = browser.post(address, {"days": "30"})
    assert "3 messages of this room are older than that" in page.content.decode()
    assert fresh(lobby).keep_days is None
    assert browser.post(address, {"days": "30", "sure": "1"}).status_code == 302
    assert fresh(lobby).keep_days == 30
    # Nothing goes in the request itself: the site does it slice by slice.
    assert Message.objects.count() == 4


def test_what_removes_nothing_is_not_asked_about(ada: User, lobby: Room, said: Said) -> None:
    said(lobby, 1, days_ago=1)
    browser, address = in_browser(ada), f"/rooms/{lobby.pk}/keeping/"
    for days, kept in (("30", 30), ("0", 0), ("site", None)):
        assert browser.post(address, {"days": days}).status_code == 302
        assert fresh(lobby).keep_days == kept
    page = browser.post(address, {"days": "31"})
    assert page.status_code == 200
    assert fresh(lobby).keep_days is None


def test_the_settings_show_it_to_owners_alone(ada: User, bob: User, lobby: Room) -> None:
    address = f"/rooms/{lobby.pk}/settings/"
    assert "How long messages are kept" in in_browser(ada).get(address).content.decode()
    assert "How long messages are kept" not in in_browser(bob).get(address).content.decode()


def test_the_admin_sets_it_for_several_rooms_with_a_reason(
    max_: User, lobby: Room, cellar: Room, said: Said, settings: Any
) -> None:
    said(lobby, 2, days_ago=31)
    browser = in_browser(max_)
    address = f"/admin/chat/room/keep/?ids={lobby.pk},{cellar.pk}"
    asked = browser.post(address, {"days": "30", "look": "1"}).content.decode()
    assert "2 messages go, and cannot come back." in asked
    assert "No message is that old now." in asked
    browser.post(address, {"days": "30", "reason": "By law."})
    assert [fresh(room).keep_days for room in (lobby, cellar)] == [30, 30]
    entries = AuditEntry.objects.filter(verb=AuditEntry.Verb.SET_KEEP_DAYS)
    assert {(e.actor, e.reason, e.details) for e in entries} == {(max_, "By law.", "30")}
    assert len({e.action_id for e in entries}) == 1
