"""People in the admin: nobody gets more than they may give, and nobody acts above them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from chat.actions import reports, sanctions
from chat.admin.site_roles import role_of
from chat.models import AuditEntry, Room, SeenAddress, User
from tests.admin.conftest import audited, client_of, person_form, said, tick
from tests.conftest import Post, fresh, make_moderator

LIST = "/admin/chat/user/"
NEW = "a quite long password 7"


def page(person: User) -> str:
    return f"{LIST}{person.pk}/change/"


def test_a_person_is_switched_off_and_their_windows_are_told(
    as_max: Client, bob: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as told:
        as_max.post(page(bob), person_form(bob, is_active=None, reason="spam"))
    assert not fresh(bob).is_active
    assert len(told) == 1
    assert audited() == [("max", "deactivate", "spam")]


def test_a_person_is_renamed_by_the_rules_of_names(as_max: Client, bob: User) -> None:
    as_max.post(page(bob), person_form(bob, display_name="  Robert  ", reason="asked for"))
    assert fresh(bob).display_name == "Robert"
    assert audited() == [("max", "rename_person", "asked for")]


@pytest.mark.parametrize("name", ["", "ada", "аda", "admin", "a\u202eb", "x" * 41, "@bob"])
def test_a_name_against_the_rules_is_refused_with_a_sentence(
    as_max: Client, ada: User, bob: User, name: str
) -> None:
    answer = as_max.post(page(bob), person_form(bob, display_name=name))
    assert "errornote" in said(answer)
    assert fresh(bob).display_name == "bob"


def test_ticked_people_are_switched_off_on_and_signed_out(
    as_max: Client, ada: User, bob: User
) -> None:
    as_max.post(LIST, tick("deactivate", ada, bob, reason="a raid"))
    assert not fresh(ada).is_active
    assert not fresh(bob).is_active
    as_max.post(LIST, tick("activate", ada))
    assert fresh(ada).is_active
    client = client_of(fresh(ada))
    as_max.post(LIST, tick("sign_out_everywhere", ada, reason="lost phone"))
    assert client.get("/profile/").status_code == 302
    assert [verb for _, verb, _ in audited()] == [
        "deactivate",
        "deactivate",
        "activate",
        "end_sessions",
    ]


def test_nobody_switches_themselves_off(as_olga: Client, olga: User) -> None:
    answer = as_olga.post(page(olga), person_form(olga, is_active=None))
    assert "You cannot switch your own account off here." in said(answer)
    assert fresh(olga).is_active


# --- A moderator and those above ------------------------------------------------------------------


@pytest.mark.parametrize("action", ["deactivate", "sign_out_everywhere"])
def test_a_moderator_cannot_act_on_an_owner_or_another_moderator(
    as_max: Client, olga: User, action: str
) -> None:
    mia = make_moderator("mia")
    before = [(fresh(p).is_active, fresh(p).session_generation) for p in (olga, mia)]
    answer = as_max.post(LIST, tick(action, olga, mia), follow=True)
    assert said(answer).count("You may not do that here.") == 2
    assert [(fresh(p).is_active, fresh(p).session_generation) for p in (olga, mia)] == before
    assert audited() == []


def test_a_moderator_sees_the_page_of_an_owner_but_cannot_send_it(
    as_max: Client, olga: User
) -> None:
    assert as_max.get(page(olga)).status_code == 200
    assert as_max.post(page(olga), person_form(olga, is_active=None)).status_code == 403
    assert fresh(olga).is_active


@pytest.mark.parametrize("right", ["is_staff", "is_superuser", "groups", "user_permissions"])
def test_a_moderator_gives_no_rights_not_even_to_themselves(
    as_max: Client, max_: User, bob: User, right: str
) -> None:
    as_max.post(page(bob), person_form(bob, **{right: "on"}))
    as_max.post(page(max_), person_form(max_, **{right: "on"}))
    assert not fresh(bob).is_staff
    for person in (bob, max_):
        assert not fresh(person).is_superuser
        assert not fresh(person).user_permissions.exists()


def test_a_moderator_is_offered_no_roles_to_give(as_max: Client, bob: User) -> None:
    for action in ("make_moderator", "make_administrator", "take_role"):
        as_max.post(LIST, tick(action, bob))
        assert f'value="{action}"' not in said(as_max.get(LIST))
    as_max.post(page(bob), person_form(bob, site_role="moderator"))
    assert role_of(fresh(bob)) == ""
    assert 'name="site_role"' not in said(as_max.get(page(bob)))
    assert audited() == []


def test_an_administrator_gives_moderator_and_takes_it(as_iris: Client, bob: User) -> None:
    as_iris.post(page(bob), person_form(bob, site_role="moderator", reason="helps"))
    assert role_of(fresh(bob)) == "moderator"
    as_iris.post(LIST, tick("take_role", bob))
    assert role_of(fresh(bob)) == ""
    as_iris.post(LIST, tick("make_moderator", bob))
    assert role_of(fresh(bob)) == "moderator"
    assert [verb for _, verb, _ in audited()] == ["set_site_role"] * 3


def test_an_administrator_gives_nobody_their_own_rank(as_iris: Client, bob: User) -> None:
    answer = as_iris.post(page(bob), person_form(bob, site_role="administrator"))
    assert "errornote" in said(answer)
    as_iris.post(LIST, tick("make_administrator", bob))
    assert role_of(fresh(bob)) == ""
    assert audited() == []


def test_an_owner_gives_both_roles(as_olga: Client, iris: User, bob: User) -> None:
    as_olga.post(page(bob), person_form(bob, site_role="administrator", reason="runs it"))
    assert role_of(fresh(bob)) == "administrator"
    as_olga.post(LIST, tick("make_moderator", bob, iris))
    assert role_of(fresh(bob)) == role_of(fresh(iris)) == "moderator"
    clicks = AuditEntry.objects.values_list("action_id", flat=True).order_by("pk")
    assert len(clicks) == 3
    assert clicks[1] == clicks[2] != clicks[0]


def test_an_owner_keeps_their_role_whatever_a_form_says(as_olga: Client, olga: User) -> None:
    as_olga.post(page(olga), person_form(olga, site_role="moderator"))
    as_olga.post(LIST, tick("take_role", olga))
    assert fresh(olga).is_superuser
    assert fresh(olga).is_staff


def test_not_even_an_owner_makes_owners_by_a_form(as_olga: Client, bob: User) -> None:
    as_olga.post(page(bob), person_form(bob, is_superuser="on", site_role="owner"))
    assert not fresh(bob).is_superuser


def test_addresses_of_mail_are_for_owners(as_olga: Client, as_max: Client, ada: User) -> None:
    assert "ada@example.org" in said(as_olga.get(page(ada)))
    assert "ada@example.org" not in said(as_max.get(page(ada)))


# --- Passwords and new people ---------------------------------------------------------------------


def test_an_owner_lets_somebody_back_in_with_a_new_password(as_olga: Client, bob: User) -> None:
    client = client_of(bob)
    answer = as_olga.post(f"{LIST}{bob.pk}/password/", {"password": NEW, "reason": "forgot it"})
    assert answer["Location"] == page(bob)
    assert fresh(bob).check_password(NEW)
    assert client.get("/profile/").status_code == 302
    assert audited() == [("olga", "set_password", "forgot it")]


@pytest.mark.parametrize("password", ["", "short", "password", "12345678901"])
def test_a_password_that_is_easy_to_guess_is_refused(
    as_olga: Client, bob: User, password: str
) -> None:
    before = bob.password
    answer = as_olga.post(f"{LIST}{bob.pk}/password/", {"password": password})
    assert answer.status_code == 200
    assert "errorlist" in said(answer)
    assert fresh(bob).password == before


def test_nobody_else_sets_passwords(
    as_max: Client, as_eve: Client, as_olga: Client, olga: User, bob: User
) -> None:
    for client in (as_max, as_eve):
        for method in (client.get, client.post):
            answer = method(f"{LIST}{bob.pk}/password/", {"password": NEW}, follow=True)
            assert answer.status_code == 403
    # One's own is changed where the old one is asked for.
    as_olga.post(f"{LIST}{olga.pk}/password/", {"password": NEW})
    assert not fresh(bob).check_password(NEW)
    assert not fresh(olga).check_password(NEW)


def test_a_hash_is_on_no_page(as_olga: Client, bob: User) -> None:
    for path in (LIST, page(bob), f"{LIST}{bob.pk}/password/"):
        assert bob.password not in said(as_olga.get(path))


def test_an_owner_makes_an_account(as_olga: Client) -> None:
    form = {"display_name": "王小明", "email": "Ming@Example.org", "password": NEW, "reason": "new"}
    as_olga.post(f"{LIST}add/", form)
    ming = User.objects.get(display_name="王小明")
    assert ming.check_password(NEW)
    assert (ming.email, ming.is_staff, ming.is_superuser) == ("ming@example.org", False, False)
    assert audited() == [("olga", "add_person", "new")]


def test_a_moderator_makes_no_accounts(as_max: Client) -> None:
    form = {"display_name": "zed", "password": NEW}
    assert as_max.post(f"{LIST}add/", form).status_code == 403
    assert not User.objects.filter(display_name="zed").exists()


@pytest.mark.parametrize("term", ["bob", "BO", "b0b", "#1", "王", "%", "' or 1=1", "9" * 30])
def test_any_search_is_answered(as_max: Client, bob: User, term: str) -> None:
    assert as_max.get(LIST, {"q": term}).status_code == 200


def test_somebody_is_found_by_what_their_name_looks_like(as_max: Client, bob: User) -> None:
    assert page(bob) in said(as_max.get(LIST, {"q": "B0B"}))


# --- Found, and known of --------------------------------------------------------------------------


def test_people_are_found_by_when_they_joined_how_they_stand_and_what_they_are(
    as_max: Client, max_: User, ada: User, bob: User, eve: User
) -> None:
    User.objects.filter(pk=ada.pk).update(date_joined=timezone.now() - timedelta(days=3))
    sanctions.ban(actor=max_, user_id=bob.pk)

    def listed(**filters: str) -> set[str]:
        shown = said(as_max.get(LIST, filters))
        return {person.display_name for person in (max_, ada, bob, eve) if page(person) in shown}

    assert listed(joined="day") == {"max", "bob", "eve"}
    assert listed(joined="week") == {"max", "ada", "bob", "eve"}
    assert listed(standing="ban") == {"bob"}
    assert listed(standing="mute") == set()
    assert listed(site_role="moderator") == {"max"}
    assert listed(site_role="none") == {"ada", "bob", "eve"}
    assert listed(site_role="nonsense", joined="x", standing="?") == {"max", "ada", "bob", "eve"}


def test_a_persons_page_says_what_is_known_of_them(
    as_max: Client, max_: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby, "Buy gold")
    sanctions.mute(actor=max_, user_id=bob.pk, room_id=lobby.pk, reason="shouting", note="again")
    reports.report_message(actor=eve, message_id=message.pk, reason="spam")
    for person, address in ((bob, "1.1.1.7"), (eve, "1.1.1.7"), (bob, "10.0.0.9")):
        SeenAddress.objects.create(user=person, address=address, seen_at=timezone.now())
    shown = said(as_max.get(page(bob)))
    assert "shouting" in shown
    assert "again" in shown
    assert f"The lobby</bdi> #{message.seq}" in shown
    assert "/admin/chat/addressban/add/?network=1.1.1.7" in shown
    assert f'{page(eve)}"><bdi>eve' in shown
    assert "network=10.0.0.9" not in shown
    assert "Buy gold" not in shown


def test_the_page_of_a_person_with_a_past_costs_no_more_queries(
    as_max: Client, max_: User, bob: User, lobby: Room
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_max.get(page(bob))
        return len(queries)

    sanctions.kick(actor=max_, user_id=bob.pk)
    SeenAddress.objects.create(user=bob, address="1.1.1.1", seen_at=timezone.now())
    cost()
    few = cost()
    for number in range(2, 9):
        sanctions.mute(actor=max_, user_id=bob.pk, room_id=lobby.pk)
        SeenAddress.objects.create(user=bob, address=f"1.1.1.{number}", seen_at=timezone.now())
    assert cost() == few


# --- A lost second factor -------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["max", "iris"])
def test_a_lost_second_factor_is_removed_by_administrators(
    role: str, as_max: Client, as_iris: Client, bob: User
) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=bob, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = as_max if role == "max" else as_iris
    path = f"{LIST}second_factor/?ids={bob.pk}"
    if role == "max":
        assert path.split("?", maxsplit=1)[0] not in said(client.get(page(bob)))
        assert client.get(path).status_code == 403
        assert client.post(path, {"reason": ""}).status_code == 403
        assert Authenticator.objects.filter(user=bob).exists()
        return
    assert "a letter tells them" in said(client.get(path))
    assert Authenticator.objects.filter(user=bob).exists()
    client.post(path, {"reason": "lost phone"})
    assert not Authenticator.objects.filter(user=bob).exists()
    assert audited() == [("iris", "reset_second_factor", "lost phone")]
    assert "They have no second factor." in said(client.post(path, {"reason": ""}))
