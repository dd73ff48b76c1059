"""Browsers for the cast, and a clean count of attempts for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from chat.models import User

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
