"""Browsers for the cast, and a clean count of attempts for each test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from chat import ranks
from chat.models import User
from tests.accounts.second_factors import Clock
from tests.conftest import make_person, moderates_the_site

Browser = Callable[[User | None], Client]


@pytest.fixture(autouse=True)
def nobody_has_tried_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def browser() -> Browser:
    """Return a browser in which somebody is signed in, or nobody."""

    def open_browser(user: User | None = None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return open_browser


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collects the ids of the people whose sockets are asked to look again."""
    ids: list[int] = []
    monkeypatch.setattr("chat.actions.accounts.tell_person", ids.append)
    return ids


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of the server and of everybody's apps."""
    clock = Clock()
    monkeypatch.setattr(time, "time", lambda: clock.now)
    return clock


@pytest.fixture
def olga(db: None) -> User:
    """Owns the site."""
    return make_person("olga", is_staff=True, is_superuser=True)


@pytest.fixture
def anna(db: None) -> User:
    """Looks after the accounts of the site."""
    return moderates_the_site(make_person("anna"), ranks.ADMINISTRATORS)


@pytest.fixture
def max_(db: None) -> User:
    """Moderates the site, and looks after no accounts."""
    return moderates_the_site(make_person("max"))
