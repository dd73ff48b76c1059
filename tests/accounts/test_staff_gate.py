"""Where the operator says so, staff enters the admin only with a second factor."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from chat import policy
from chat.accounts import sealing, second_factor
from chat.actions import sanctions
from chat.errors import ForbiddenError
from chat.models import Room, User
from chat.socket_session import open_session
from tests.accounts.second_factors import (
    SWITCH_OFF,
    Clock,
    opened,
    with_app,
)
from tests.conftest import PASSWORD, fresh, moderates_the_site

ADMIN = "/admin/chat/room/"


@pytest.fixture
def required(settings: Any) -> None:
    settings.REQUIRE_STAFF_SECOND_FACTOR = True


def holding_app(user: User) -> Authenticator:
    secret = sealing.seal("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    return Authenticator.objects.create(user=user, type="totp", data={"secret": secret})


def signed_in(user: User | None, *, by: str = "") -> Client:
    """A browser in which somebody is signed in, by a second factor of that type or without."""
    client = Client()
    if user is not None:
        client.force_login(user)
    if user is not None and by:
        session = client.session
        record = {"method": "mfa", "at": time.time(), "id": 1, "type": by}
        session["account_authentication_methods"] = [record]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


def led_to(client: Client, path: str = ADMIN) -> str:
    """Where the way to ``path`` ends, without what is asked of that page."""
    chain = [(path, 0), *client.get(path, follow=True).redirect_chain]
    return str(chain[-1][0]).split("?")[0]


def test_the_gate(required: None, eve: User, max_: User, olga: User) -> None:
    refused = "/admin/login/"
    set_up, show = "/accounts/2fa/", "/accounts/2fa/reauthenticate/"
    table = [
        (None, "", "/accounts/login/"),
        (eve, "", refused),
        (eve, "totp", refused),
        (max_, "", set_up),
        (olga, "", set_up),
    ]
    assert [led_to(signed_in(who, by=by)) for who, by, _ in table] == [end for *_, end in table]
    for staff in (max_, olga):
        holding_app(staff)
    table = [
        (max_, "", show),
        (olga, "", show),
        (max_, "totp", ADMIN),
        (olga, "totp", ADMIN),
        (max_, "webauthn", ADMIN),
        (olga, "recovery_codes", ADMIN),
    ]
    assert [led_to(signed_in(who, by=by)) for who, by, _ in table] == [end for *_, end in table]


def test_nothing_is_asked_of_staff_by_default(max_: User) -> None:
    assert led_to(signed_in(max_)) == ADMIN


def test_what_is_posted_does_not_pass_the_gate(required: None, max_: User) -> None:
    answer = signed_in(max_).post("/admin/chat/room/add/", {"name": "By the back door"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_the_factor_of_whom_was_here_before_counts_for_nobody_else(
    required: None, max_: User, olga: User
) -> None:
    holding_app(max_)
    client = signed_in(olga, by="totp")
    client.force_login(max_)
    session = client.session
    session["account_authentication_methods_user"] = str(olga.pk)
    session.save()
    assert led_to(client) == "/accounts/2fa/reauthenticate/"
    assert not second_factor.was_shown(client.session)


def test_it_is_read_from_a_session_alone_as_a_socket_has_it(
    required: None, max_: User, django_assert_num_queries: Any
) -> None:
    without, shown = signed_in(max_).session, signed_in(max_, by="totp").session
    without.get("x"), shown.get("x")
    with django_assert_num_queries(0):
        assert not second_factor.is_satisfied(without)
        assert second_factor.is_satisfied(shown)


def test_whoever_switches_the_last_one_off_enters_the_admin_no_more(
    max_: User, clock: Clock, settings: Any
) -> None:
    settings.REQUIRE_STAFF_SECOND_FACTOR = True
    client = opened(max_)
    assert (
        client.get("/admin/", follow=True).redirect_chain[-1][0]
        == "/accounts/2fa/?next=%2Fadmin%2F"
    )
    with_app(client, clock)
    assert client.get("/admin/").status_code == 200
    client.post(SWITCH_OFF)
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/2fa/?next=%2Fadmin%2F"
    assert "This site asks its staff for a second factor" in page.content.decode()


def test_staff_is_told_why_and_led_on_after_showing_it(
    max_: User, clock: Clock, settings: Any
) -> None:
    secret = with_app(opened(max_), clock)
    client = Client()
    client.force_login(fresh(max_))
    settings.REQUIRE_STAFF_SECOND_FACTOR = True
    page = client.get("/admin/chat/room/", follow=True)
    assert "This site asks its staff for a second factor" in page.content.decode()
    address = page.redirect_chain[-1][0]
    assert client.post(address, {"code": clock.code(secret)})["Location"] == "/admin/chat/room/"
    assert client.get("/admin/chat/room/").status_code == 200


def test_a_new_password_asks_for_no_factor_anew(max_: User, clock: Clock, settings: Any) -> None:
    settings.REQUIRE_STAFF_SECOND_FACTOR = True
    client = opened(max_)
    with_app(client, clock)
    new = "a new and longer one"
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert client.get("/admin/").status_code == 200


def test_without_it_staff_are_people_like_any_other_in_the_chat(
    required: None, eve: User, ada: User, lobby: Room
) -> None:
    moderates_the_site(eve)
    switches = f"/rooms/{lobby.pk}/switches/"
    wanted = {"slow_mode": "30", "posting": "everyone", "approve_first": "nobody"}
    assert signed_in(fresh(eve)).post(switches, wanted).status_code == 403
    assert fresh(lobby).slow_mode_s == 0
    assert signed_in(fresh(eve), by="totp").post(switches, wanted).status_code == 302
    assert fresh(lobby).slow_mode_s == 30
    # What leads a room is not the site's to ask for a second factor.
    assert signed_in(ada).post(switches, {**wanted, "slow_mode": "10"}).status_code == 302


def test_without_it_staff_moderate_over_no_socket(
    required: None, eve: User, bob: User, lobby: Room
) -> None:
    moderates_the_site(eve)
    for by, is_refused in (("", True), ("totp", False)):
        session = open_session(signed_in(fresh(eve), by=by).session.session_key)
        assert session is not None
        assert session.moderates is not is_refused
        actor = policy.actor_now(eve.pk, acts_as_staff=session.user.acts_as_staff)
        if is_refused:
            with pytest.raises(ForbiddenError):
                sanctions.mute(actor=actor, user_id=bob.pk, room_id=lobby.pk)
        else:
            sanctions.mute(actor=actor, user_id=bob.pk, room_id=lobby.pk)
