"""Moderating a room from its settings: switches, word rules, sanctions, and who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from chat import errors
from chat.actions import sanctions, word_rules
from chat.models import AuditEntry, Room, Sanction, User, WordRule
from tests.conftest import fresh, let_in, make_moderator, make_person
from tests.rooms.conftest import Cast

pytestmark = pytest.mark.django_db

SWITCHES = {"slow_mode": "30", "posting": "moderators", "approve_first": "newcomers"}
RULE = {"pattern": "casino*", "kind": "wildcard", "outcome": "refuse", "sentence": "No adverts."}


def in_browser(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


# person, in the open room, in the private one
ROLES = [
    ("nobody", 302, 302),
    ("switched off", 302, 302),
    ("outsider", 403, 404),
    ("guest", 403, 404),
    ("member", 403, 403),
    ("muted", 403, 403),
    ("banned", 403, 404),
    ("banned moderator", 403, 404),
    ("former member", 403, 404),
    ("moderator elsewhere", 403, 404),
    ("staff without rights", 403, 404),
    ("moderator", 302, 302),
    ("owner", 302, 302),
    ("site moderator", 302, 302),
]
MAY = {"moderator", "owner", "site moderator"}


@pytest.mark.parametrize("place", ["lobby", "cellar"])
@pytest.mark.parametrize(("person", "open_", "private"), ROLES, ids=[row[0] for row in ROLES])
def test_the_role_table_of_moderating_from_the_settings(
    request: Any, cast: Cast, place: str, person: str, open_: int, private: int
) -> None:
    room, ada = request.getfixturevalue(place), request.getfixturevalue("ada")
    rule = word_rules.add_rule(actor=ada, pattern="spam", room_id=room.pk)
    target = let_in(room, make_person("tom")).user
    muted = sanctions.mute(actor=ada, user_id=target.pk, room_id=room.pk)
    told = AuditEntry.objects.count()
    browser = in_browser(cast[person])
    for path, form in (
        ("switches/", SWITCHES),
        ("rules/", RULE),
        (f"rules/{rule.pk}/remove/", {}),
        (f"sanctions/{muted.pk}/lift/", {}),
        # What is wrong with a form is nobody's business who may not send it.
        ("switches/", {}) if person not in MAY else ("switches/", SWITCHES),
        ("rules/", {}) if person not in MAY else ("rules/", RULE),
    ):
        answer = browser.post(f"/rooms/{room.pk}/{path}", form)
        assert answer.status_code == (open_ if place == "lobby" else private), path
    allowed = person in MAY
    assert (fresh(room).slow_mode_s == 30) is allowed
    assert WordRule.objects.filter(pk=rule.pk).exists() is not allowed
    assert (Sanction.objects.get(pk=muted.pk).lifted_at is not None) is allowed
    assert (AuditEntry.objects.count() > told) is allowed


def test_a_get_changes_nothing(ada: User, lobby: Room) -> None:
    for path in ("switches/", "rules/", "rules/1/remove/", "sanctions/1/lift/"):
        assert in_browser(ada).get(f"/rooms/{lobby.pk}/{path}").status_code == 405


def test_without_csrf_nothing_is_changed(ada: User, lobby: Room) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    assert browser.post(f"/rooms/{lobby.pk}/switches/", SWITCHES).status_code == 403
    assert fresh(lobby).slow_mode_s == 0


def test_the_switches_stand_on_the_page_as_they_are(ada: User, lobby: Room) -> None:
    browser = in_browser(ada)
    browser.post(f"/rooms/{lobby.pk}/switches/", SWITCHES)
    room = fresh(lobby)
    assert (room.slow_mode_s, room.posting, room.approve_first) == (30, "moderators", "newcomers")
    form = browser.get(f"/rooms/{lobby.pk}/settings/").context["switches"]
    assert form.initial == {**SWITCHES, "seconds": None}


def test_any_number_of_seconds_is_another_time(ada: User, lobby: Room) -> None:
    browser = in_browser(ada)
    browser.post(
        f"/rooms/{lobby.pk}/switches/", {**SWITCHES, "slow_mode": "other", "seconds": "45"}
    )
    assert fresh(lobby).slow_mode_s == 45
    form = browser.get(f"/rooms/{lobby.pk}/settings/").context["switches"]
    assert (form.initial["slow_mode"], form.initial["seconds"]) == ("other", 45)
    # The field for another time is hidden while none is wanted: what stands there is not meant.
    browser.post(f"/rooms/{lobby.pk}/switches/", {**SWITCHES, "slow_mode": "0", "seconds": "45"})
    assert fresh(lobby).slow_mode_s == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"slow_mode": "7"},
        {"slow_mode": ""},
        {"slow_mode": "other"},
        {"slow_mode": "other", "seconds": "-1"},
        {"slow_mode": "other", "seconds": "21601"},
        {"slow_mode": "other", "seconds": "9" * 40},
        {"slow_mode": "other", "seconds": "ten"},
        {"posting": "nobody"},
        {"posting": "\0"},
        {"approve_first": ""},
    ],
)
def test_a_wrong_switch_is_said_on_the_form_and_changes_nothing(
    ada: User, lobby: Room, wrong: dict[str, str]
) -> None:
    answer = in_browser(ada).post(f"/rooms/{lobby.pk}/switches/", {**SWITCHES, **wrong})
    assert answer.status_code == 200
    assert answer.context["switches"].errors
    assert fresh(lobby).posting == "everyone"
    assert not AuditEntry.objects.exists()


def test_a_rule_is_added_holds_and_is_removed(ada: User, bob: User, lobby: Room, post: Any) -> None:
    browser = in_browser(ada)
    page = browser.post(f"/rooms/{lobby.pk}/rules/", RULE, follow=True).content.decode()
    assert "casino*" in page
    assert "No adverts." in page
    rule = WordRule.objects.get()
    assert (rule.room, rule.made_by, rule.outcome) == (lobby, ada, "refuse")
    with pytest.raises(errors.RefusedWordsError):
        post(bob, lobby, "the casino24 is open")
    browser.post(f"/rooms/{lobby.pk}/rules/{rule.pk}/remove/")
    assert not WordRule.objects.exists()
    again = browser.post(f"/rooms/{lobby.pk}/rules/{rule.pk}/remove/", follow=True)
    assert "Another moderator has decided this already." in again.content.decode()
    post(bob, lobby, "the casino24 is open")


@pytest.mark.parametrize(
    "wrong",
    [
        {"pattern": ""},
        {"pattern": "  "},
        {"pattern": "a(", "kind": "regex"},
        {"pattern": "a*", "kind": "regex"},
        {"pattern": "x" * 501},
        {"pattern": "a\0b"},
        {"kind": "magic"},
        {"outcome": "explode"},
    ],
)
def test_a_wrong_rule_is_said_on_the_form(ada: User, lobby: Room, wrong: dict[str, str]) -> None:
    answer = in_browser(ada).post(f"/rooms/{lobby.pk}/rules/", {**RULE, **wrong})
    assert answer.status_code == 200
    assert answer.context["rule"].errors
    assert not WordRule.objects.exists()


def test_rules_of_other_rooms_and_of_the_site_are_neither_shown_nor_removed(
    ada: User, lobby: Room, cast: Cast
) -> None:
    site_moderator, olive = cast["site moderator"], cast["moderator elsewhere"]
    elsewhere = Room.objects.get(created_by=olive)
    rules = [
        word_rules.add_rule(actor=site_moderator, pattern="everywhere"),
        word_rules.add_rule(actor=olive, pattern="elsewhere", room_id=elsewhere.pk),
    ]
    browser = in_browser(ada)
    page = browser.get(f"/rooms/{lobby.pk}/settings/").content.decode()
    assert "everywhere" not in page.split('id="rules"')[1].split("<form")[0]
    for rule in rules:
        answer = browser.post(f"/rooms/{lobby.pk}/rules/{rule.pk}/remove/")
        assert answer.status_code in {403, 404}
    assert WordRule.objects.count() == 2


def test_sanctions_are_shown_and_lifted_once(ada: User, bob: User, lobby: Room) -> None:
    muted = sanctions.mute(
        actor=ada,
        user_id=bob.pk,
        room_id=lobby.pk,
        term=timedelta(hours=1),
        reason="<b>Loud</b>",
        note="Third time.",
    )
    browser = in_browser(ada)
    page = browser.get(f"/rooms/{lobby.pk}/settings/").content.decode()
    assert "&lt;b&gt;Loud&lt;/b&gt;" in page
    assert "Third time." in page
    path = f"/rooms/{lobby.pk}/sanctions/{muted.pk}/lift/"
    assert "It was lifted." in browser.post(path, follow=True).content.decode()
    assert "decided this already" in browser.post(path, follow=True).content.decode()
    assert AuditEntry.objects.filter(verb=AuditEntry.Verb.LIFT).count() == 1


def test_nothing_is_offered_for_those_of_ones_rank_or_above(ada: User, lobby: Room) -> None:
    mona, max_ = make_person("mona"), make_person("max")
    for person in (mona, max_):
        let_in(lobby, person, "moderator")
    stan = make_moderator("stan")
    let_in(lobby, stan)
    muted = sanctions.mute(actor=ada, user_id=max_.pk, room_id=lobby.pk)
    page = in_browser(mona).get(f"/rooms/{lobby.pk}/settings/").content.decode()
    for person in (ada, mona, max_, stan):
        assert f"/people/{person.pk}/remove/" not in page
    assert "max" in page
    assert f"/sanctions/{muted.pk}/lift/" not in page
    assert f"/sanctions/{muted.pk}/lift/" in (
        in_browser(ada).get(f"/rooms/{lobby.pk}/settings/").content.decode()
    )
    answer = in_browser(mona).post(f"/rooms/{lobby.pk}/sanctions/{muted.pk}/lift/")
    assert answer.status_code == 403


def test_members_see_nothing_of_all_this(bob: User, ada: User, lobby: Room) -> None:
    word_rules.add_rule(actor=ada, pattern="secret pattern", room_id=lobby.pk)
    page = in_browser(bob).get(f"/rooms/{lobby.pk}/settings/").content.decode()
    for text in ("secret pattern", "switches/", "Muted and banned"):
        assert text not in page
