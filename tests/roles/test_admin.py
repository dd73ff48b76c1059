"""Every page and list action of the admin, asked by everybody: the staff's part of the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.test import Client, RequestFactory
from django.urls import URLResolver, reverse

from chat.actions import addresses, invitations, word_rules
from chat.models import AuditEntry, Membership, Message, ReportCase
from tests.roles.answers import comparable, word_for
from tests.roles.staff_table import ACTIONS, PAGES
from tests.roles.table import differences
from tests.roles.test_pages import client_of, undone
from tests.roles.world import MISSING, PEOPLE, STAFF, Things, World

OUTSIDE = {"anonymous": "door", "barred": "out"}
"""What everybody without a part in the staff hears at every page: these two, and "no"."""


def _rows_of(things: Things) -> dict[str, Any]:
    """One row of everything that the admin shows, by the model's name."""
    world = things.world
    by = world.olga
    made, _token = invitations.create_invitation(actor=by, note="", uses=1, days=1)
    report = things.report
    return {
        "addressban": addresses.ban_address(actor=by, network="81.2.69.160").pk,
        "auditentry": AuditEntry.objects.latest("pk").pk,
        "heldpost": things.held,
        "invitation": made.pk,
        "membership": Membership.objects.filter(room=world.room, user=world.bob).get().pk,
        "message": things.message,
        "reportcase": ReportCase.objects.get(reports=report).pk,
        "room": things.room,
        "sanction": things.sanction,
        "user": things.victim,
        "wordrule": word_rules.add_rule(actor=by, room_id=things.room, pattern="gold").pk,
    }


def _address(name: str, rows: dict[str, Any]) -> str:
    """The address of a page, with the ids that it needs."""
    model = name.split("_")[1] if "_" in name else ""
    given: dict[str, tuple[Any, ...]] = {
        "undo": ("00000000-0000-4000-8000-000000000000",),
        "app_list": ("chat",),
        "chat_user_password": (rows["user"],),
        "view_on_site": (1, 1),
    }
    if name in given:
        return reverse(f"admin:{name}", args=given[name])
    if name.endswith(("_change", "_delete", "_history")):
        return reverse(f"admin:{name}", args=[rows[model]])
    address = reverse(f"admin:{name}")
    return f"{address}?ids={rows[model]}" if model in rows else address


def _get(client: Client, address: str) -> str:
    return word_for(client.get(address), client)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("db")
def test_everybody_gets_the_answer_of_the_table(page: str) -> None:
    world = World("open")
    address = _address(page, _rows_of(Things(world, "member")))
    answers = {}
    for who in PEOPLE:
        with undone():
            answers[who] = _get(client_of(world, who), address)
    expected = {who: OUTSIDE.get(who, "no") for who in PEOPLE} | PAGES[page]
    assert differences(answers, expected) == {}


def _pages() -> Iterator[str]:
    for pattern in admin.site.get_urls():
        inside = pattern.url_patterns if isinstance(pattern, URLResolver) else [pattern]
        yield from (each.name for each in inside if each.name)


SIGNING = {"login", "logout", "password_change", "password_change_done", "jsi18n"}
"""The site's own doors, and words for the admin's scripts: about nobody."""


def test_every_page_of_the_admin_stands_in_the_table() -> None:
    assert set(_pages()) - SIGNING == PAGES.keys()


def _lists() -> Iterator[tuple[str, ModelAdmin]]:
    for model, model_admin in admin.site._registry.items():
        yield model.__name__.lower(), model_admin


def _offered(world: World, who: str, model_admin: ModelAdmin) -> list[str]:
    request = RequestFactory().get("/admin/")
    request.user, request.session = world.people[who], {}  # type: ignore[assignment]
    return list(model_admin.get_actions(request))


@pytest.mark.usefixtures("db")
def test_list_actions_are_offered_by_rank() -> None:
    world = World("open")
    offered = {
        f"{name}.{action}": {
            who: "ok" if action in _offered(world, who, model_admin) else "no" for who in STAFF
        }
        for name, model_admin in _lists()
        for action in _offered(world, "olga", model_admin)
    }
    assert offered == ACTIONS


@pytest.mark.parametrize("who", [who for who in PEOPLE if who not in STAFF])
@pytest.mark.usefixtures("db")
def test_who_is_no_staff_writes_nothing_through_any_page(who: str) -> None:
    world = World("open")
    rows = _rows_of(Things(world, "member"))
    client, audited = client_of(world, who), AuditEntry.objects.count()
    for page in PAGES:
        answer = word_for(client.post(_address(page, rows), {"reason": "Mine."}), client)
        assert answer == OUTSIDE.get(who, "no"), page
    for name, model_admin in _lists():
        for action in _offered(world, "olga", model_admin):
            form = {"action": action, "_selected_action": [rows[name]], "reason": "Mine."}
            address = reverse(f"admin:chat_{name}_changelist")
            answer = word_for(client.post(address, form), client)
            assert answer == OUTSIDE.get(who, "no"), (name, action)
    assert AuditEntry.objects.count() == audited


@pytest.mark.parametrize("who", STAFF)
@pytest.mark.usefixtures("db")
def test_nothing_is_deleted_through_the_admin_and_no_list_offers_it(who: str) -> None:
    world = World("open")
    rows = _rows_of(Things(world, "member"))
    client = client_of(world, who)
    for name, model_admin in _lists():
        before = model_admin.model._default_manager.count()
        assert "delete_selected" not in _offered(world, who, model_admin)
        address = reverse(f"admin:chat_{name}_delete", args=[rows[name]])
        assert word_for(client.post(address, {"post": "yes"}), client) in ("no", "none")
        form = {"action": "delete_selected", "_selected_action": [rows[name]], "post": "yes"}
        client.post(reverse(f"admin:chat_{name}_changelist"), form)
        assert model_admin.model._default_manager.count() == before, name


@pytest.mark.parametrize("who", STAFF)
@pytest.mark.usefixtures("db")
def test_what_is_said_in_private_and_was_not_reported_is_not_for_the_staff(who: str) -> None:
    world = World("private")
    things = Things(world, "member")
    message, client = things.message, client_of(world, who)
    secret = Message.objects.get(pk=message).body
    assert things.held
    for page in sorted(_pages_that_list()):
        shown = client.get(reverse(f"admin:{page}"), follow=True).content.decode()
        assert secret not in shown, page
        assert "May I?" not in shown, page
    for name in ("change", "history"):
        both = []
        for pk in (message, MISSING):
            response = client.get(reverse(f"admin:chat_message_{name}", args=[pk]))
            both.append(response)
        assert secret not in both[0].content.decode()
        assert both[0].status_code == both[1].status_code
    for page in ("chat_message_redact", "chat_heldpost_approve"):
        seen = client.get(reverse(f"admin:{page}"), {"ids": str(message)}, follow=True)
        assert secret not in seen.content.decode(), page
    assert comparable(both[0])[0] == comparable(both[1])[0]


def _pages_that_list() -> set[str]:
    return {"index"} | {page for page in PAGES if page.endswith("_changelist")}
