"""Who is banned from the site is told so on every page, and can still sign out."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.test import Client

from chat.actions import sanctions
from chat.actions.rooms import create_room
from chat.models import User


def test_whoever_is_banned_from_the_site_is_offered_the_way_out_and_it_ends_their_session(
    eve: User, olga: User
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(eve)
    key = browser.session.session_key
    sanctions.ban(actor=olga, user_id=eve.pk, reason="Spam")
    page = browser.get("/")
    assert page.status_code == 403
    assert b"Reason: Spam" in page.content
    assert b'action="/accounts/logout/"' in page.content
    token = page.context["csrf_token"]
    assert browser.post("/accounts/logout/").status_code == 403
    assert Session.objects.filter(pk=key).exists()
    answer = browser.post("/accounts/logout/", {"csrfmiddlewaretoken": str(token)})
    assert answer.status_code == 302
    assert not Session.objects.filter(pk=key).exists()
    assert browser.get("/").status_code == 200


def test_whoever_is_banned_from_a_room_is_led_to_the_others(eve: User, olga: User) -> None:
    room = create_room(actor=olga, name="Hall")
    sanctions.ban(actor=olga, user_id=eve.pk, room_id=room.pk, reason="Spam")
    browser = Client()
    browser.force_login(eve)
    page = browser.get(f"/rooms/{room.pk}/")
    assert page.status_code == 403
    assert b"Reason: Spam" in page.content
    assert b"To the rooms" in page.content
