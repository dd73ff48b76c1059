"""What is said in the lobby, and looked for there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from chat.models import Message, Room, User
from chat.search.looking import matching
from chat.search.questions import ask
from tests.conftest import Post

Say = Callable[[str], Message]
HOSTILE = [
    *('"', '""', '"""', '" "', "'", "''", "*", "a*", "**", "%", "_", "\\", "\\'", ";", "--", "/*"),
    *("NEAR(", "NEAR(a b, 2)", "a NEAR b", "AND", "a AND", "OR b", "NOT", "NOT a", "a -b", "-"),
    *("terms:a", "chat_search", "^a", "a^", "a + b", "+", "{a b}", "(a", "a)", "()", "a:b", ":*"),
    *("a & b", "a | b", "!a", "a <-> b", "<->", "'a':*", "a:A", "§room1", "§", "§redacted"),
    *("\x00", "a\x00b", "\ud800", "\ufeff", "\u202e", "\U0001f600", "ﷺ", "ß", "İ", "\u0301", "字"),
    *(
        "x" * 10_240,
        "字" * 10_240,
        "a " * 5_120,
        '"' * 10_240,
        "\x00" * 10_240,
        "%s",
        "%(x)s",
        "{}",
    ),
    "\U0010ffff",
    "a\u0301" * 5_000,
]


@pytest.fixture(autouse=True)
def nothing_indexed_before(request: pytest.FixtureRequest) -> None:
    """Tests that commit are flushed table by table, and of the index Django knows nothing."""
    marked = request.node.get_closest_marker("django_db") is not None
    if marked or {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue("store_row")
        lose_the_index()


@pytest.fixture
def say(bob: User, lobby: Room, post: Post) -> Say:
    """Bob says it in the lobby."""
    return lambda body: post(bob, lobby, body)


def found(text: str, **how: Any) -> list[str]:
    """The texts that are found, the newest first."""
    ids = matching(ask(text), **{"limit": 50, **how})
    bodies = dict(Message.objects.filter(pk__in=ids).values_list("pk", "body"))
    return [bodies[pk] for pk in ids]


def lose_the_index() -> None:
    """As if a disk had lost it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DELETE FROM chat_search")
        else:
            cursor.execute("INSERT INTO chat_search (chat_search) VALUES ('delete-all')")
