"""Olga owns the site, max moderates all of it, carol moderates the rooms; grace is a guest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from chat.models import AuditEntry, Membership, Room, User
from tests.conftest import let_in, make_moderator, make_person
from tests.core.conftest import hub_ends, layer_back, no_hub_before
from tests.patience import until_answered
from tests.store.conftest import rung

__all__ = ["hub_ends", "layer_back", "no_hub_before", "rung"]


@pytest.fixture
def olga(db: None) -> User:
    """Owns the site."""
    return User.objects.create_superuser("olga", email="olga@example.org")


@pytest.fixture
def max_(db: None) -> User:
    """Moderates the whole site, and is in no room."""
    return make_moderator("max")


@pytest.fixture
def carol(lobby: Room, cellar: Room) -> User:
    """Moderates the lobby and the cellar."""
    carol = make_person("carol")
    for room in (lobby, cellar):
        let_in(room, carol, Membership.Role.MODERATOR)
    return carol


@pytest.fixture
def grace(lobby: Room) -> User:
    """A guest in the lobby."""
    grace = make_person("grace", kind=User.Kind.GUEST)
    let_in(lobby, grace)
    return grace


def entries(**fields: Any) -> list[AuditEntry]:
    """The audit, oldest first."""
    return list(AuditEntry.objects.filter(**fields).order_by("pk"))


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all of it at the same time, in a thread each; return what each returned or raised.

    Many at one row may find the store busy, and ask again.
    """
    start = threading.Barrier(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(number: int) -> None:
        start.wait(30)
        try:
            outcomes[number] = until_answered(acts[number])
        except Exception as error:  # noqa: BLE001 - whatever it was, the test will say
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def codes(outcomes: list[Any]) -> list[str]:
    """What became of each, sorted: "done", or the code of the refusal."""
    return sorted(
        getattr(outcome, "code", type(outcome).__name__)
        if isinstance(outcome, Exception)
        else "done"
        for outcome in outcomes
    )
