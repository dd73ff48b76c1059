"""Olga owns the site, max moderates all of it; both come by Django's own test client."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from chat.admin.site_roles import role_of
from chat.models import AuditEntry, Membership, Room, User
from chat.ranks import ADMINISTRATORS
from tests.conftest import make_moderator, make_person, moderates_the_site

Form = dict[str, Any]


@pytest.fixture
def olga(db: None) -> User:
    """Owns the site."""
    return User.objects.create_superuser("olga", email="olga@example.org")


@pytest.fixture
def max_(db: None) -> User:
    """Staff of the site, without being its owner."""
    return make_moderator("max")


@pytest.fixture
def iris(db: None) -> User:
    """Looks after the site's accounts: an administrator, not its owner."""
    return moderates_the_site(make_person("iris"), ADMINISTRATORS)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_olga(olga: User) -> Client:
    return client_of(olga)


@pytest.fixture
def as_max(max_: User) -> Client:
    return client_of(max_)


@pytest.fixture
def as_iris(iris: User) -> Client:
    return client_of(iris)


@pytest.fixture
def as_ada(ada: User) -> Client:
    """The owner of the rooms, who is nothing on the site."""
    return client_of(ada)


@pytest.fixture
def as_eve(eve: User) -> Client:
    return client_of(eve)


def room_form(room: Room, **changes: Any) -> Form:
    """What a browser sends from a room's page: every field and every member."""
    members = list(Membership.objects.filter(room=room).order_by("pk"))
    form: Form = {
        "name": room.name,
        "topic": room.topic,
        "slow_mode_s": room.slow_mode_s,
        "posting": room.posting,
        "approve_first": room.approve_first,
        "reason": "",
        "memberships-TOTAL_FORMS": len(members),
        "memberships-INITIAL_FORMS": len(members),
        "memberships-MIN_NUM_FORMS": 0,
        "memberships-MAX_NUM_FORMS": 0,
    }
    if room.is_archived:
        form["archived"] = "on"
    for number, member in enumerate(_as_shown(members)):
        prefix = f"memberships-{number}"
        form |= {
            f"{prefix}-id": member.pk,
            f"{prefix}-room": room.pk,
            f"{prefix}-role": member.role,
        }
    form |= changes
    return {name: value for name, value in form.items() if value is not None}


def _as_shown(members: list[Membership]) -> list[Membership]:
    rank = {"owner": 0, "moderator": 1, "member": 2}
    return sorted(members, key=lambda member: (rank[member.role], member.pk))


def row_of(room: Room, user: User) -> str:
    """The prefix of somebody's row on a room's page."""
    members = _as_shown(list(Membership.objects.filter(room=room)))
    [number] = [n for n, member in enumerate(members) if member.user_id == user.pk]
    return f"memberships-{number}"


def person_form(person: User, **changes: Any) -> Form:
    """What a browser sends from a person's page. None unticks or leaves out a field."""
    form: Form = {"display_name": person.display_name, "reason": ""}
    form |= {"is_active": "on"} if person.is_active else {}
    form["site_role"] = role_of(person)
    return {name: value for name, value in (form | changes).items() if value is not None}


def tick(action: str, *rows: Any, reason: str = "") -> Form:
    """What a browser sends when rows are ticked and an action is chosen above a list."""
    return {"action": action, "_selected_action": [row.pk for row in rows], "reason": reason}


def audited() -> list[tuple[str, str, str]]:
    """Who did what and why, the oldest first."""
    entries = AuditEntry.objects.select_related("actor").order_by("pk")
    return [(entry.actor.display_name, entry.verb, entry.reason) for entry in entries]


def said(response: Any) -> str:
    """The page's words, with entities as they are read."""
    return html.unescape(response.content.decode())


def undo_link(page: str) -> str:
    """The address that the success message leads to."""
    [link] = re.findall(r'href="(/admin/undo/[^"]+)"', page)
    return str(link)
