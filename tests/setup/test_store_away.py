"""A store that goes away in the middle of a request is told as such, wherever it happens."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from chat.models import User

pytestmark = pytest.mark.django_db


def away(*_words: Any, **_names: Any) -> None:
    raise OperationalError("the connection is lost")


@pytest.mark.parametrize(
    "where",
    [
        "chat.accounts.middleware.get_user",
        "chat.accounts.middleware.second_factor.is_satisfied",
        "chat.accounts.middleware.check_address",
        "django.contrib.sessions.middleware.SessionMiddleware.process_response",
    ],
)
def test_it_is_503_with_the_time_to_come_again(
    where: str, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(bob)
    monkeypatch.setattr(where, away)
    answer = client.get("/rooms/")
    assert (answer.status_code, int(answer.headers["Retry-After"])) == (503, 1), where
